// Starts `habeas codebook lsp` and hands it the chapters of every codebook that is open.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = function activate() {
  const program = workspace.getConfiguration("habeas").get("program");
  client = new LanguageClient(
    "habeas",
    "Habeas codebook",
    { command: program, args: ["codebook", "lsp"] },
    {
      documentSelector: [
        { scheme: "file", pattern: "**/chapters/*.md" },
        { scheme: "file", pattern: "**/codebook.toml" },
        { scheme: "file", pattern: "**/i18n/*.ftl" },
      ],
    },
  );
  return client.start();
};

exports.deactivate = function deactivate() {
  return client?.stop();
};
