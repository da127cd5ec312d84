//! The ledger's parsers on any bytes: what is accepted is written back as it came, or is believed only with a signature.

use habeas_ledger::cosignature::CosignerKey;
use habeas_ledger::fields::Opening;
use habeas_ledger::keyfile;
use habeas_ledger::leaf::Header;
use habeas_ledger::merkle::Edge;
use habeas_ledger::note::{Note, SigningKey, VerifierKey};
use habeas_ledger::policy::Policy;
use habeas_ledger::proof::{Proof, Shown};
use habeas_ledger::succession::Succession;
use habeas_ledger::tile::{self, Tile};
use habeas_ledger::witness::{self, Request};

/// A header: one encoding, or a refusal.
pub fn header(bytes: &[u8]) {
    if let Ok(header) = Header::decode(bytes) {
        assert_eq!(header.encode().as_deref(), Ok(bytes), "a header has one encoding");
    }
}

/// A note, and the checkpoint or the change of keys that it may be.
pub fn note(bytes: &[u8]) {
    if let Ok(stated) = Succession::open(bytes) {
        assert!(stated.signed >= stated.kept && stated.old != stated.new, "a change of keys that both have signed makes sense");
    }
    let Ok(note) = Note::parse(bytes) else { return };
    assert_eq!(note.open(&[]).ok(), None, "nobody's signature is believed");
    if let Ok(read) = Note::parse(note.to_string().as_bytes()) {
        assert_eq!(read, note, "a note is read as it is written");
    }
}

/// A verifier key and a policy.
pub fn policy(bytes: &[u8]) {
    let _key = VerifierKey::parse(&super::text(bytes));
    if let Ok(policy) = Policy::parse(bytes) {
        let everybody: Vec<usize> = (0..policy.witnesses().len()).collect();
        assert!(policy.is_quorum(&everybody), "all witnesses together are a quorum");
    }
}

/// A receipt, with what its extra line may carry.
pub fn receipt(bytes: &[u8]) {
    let Ok(proof) = Proof::parse(&super::text(bytes)) else { return };
    if let Some(Ok(shown)) = proof.extra.as_deref().map(Shown::from_bytes) {
        assert_eq!(shown.to_bytes().ok(), proof.extra, "an entry in a receipt has one encoding");
        let _leaf = shown.leaf();
    }
    assert_eq!(Proof::parse(&proof.to_string()), Ok(proof), "a receipt is read as it is written");
}

/// A path of a tile, a bundle of entries, an edge of the tree, an opened field, a key file.
pub fn tile(bytes: &[u8]) {
    let text = super::text(bytes);
    if let Ok(tile) = Tile::parse(&text) {
        assert_eq!(tile.to_string(), text, "a tile has one path");
    }
    for width in [1, 2, tile::WIDTH] {
        if let Ok(entries) = tile::entries(bytes, width) {
            assert_eq!(tile::bundle(entries).as_deref(), Ok(bytes), "a bundle has one encoding");
        }
    }
    if let Ok(edge) = Edge::from_bytes(bytes) {
        assert_eq!(edge.to_bytes(), bytes, "an edge has one encoding");
        let _root = edge.root();
    }
    if let Ok(opening) = Opening::from_bytes(bytes) {
        assert_eq!(opening.to_bytes().as_deref(), Ok(bytes), "an opening has one encoding");
    }
    if !text.starts_with("habeas-keys/1\nargon2id") {
        // With that head it would be stretched, which is slow by design.
        assert!(keyfile::decode(&text, "passphrase").is_err(), "no key file without its head");
    }
}

/// A request to a witness: nothing of a stranger is cosigned.
pub fn witness(bytes: &[u8]) {
    let Ok(request) = Request::parse(bytes) else { return };
    let (Ok(log), Ok(key)) = (SigningKey::from_seed("custody.example/st/0412", &[1; 32]), CosignerKey::from_seed("w.example", &[2; 32]))
    else {
        return;
    };
    let answer = witness::answer(&request, &[log.verifier().clone()], None, &key, 1_772_442_891);
    assert!(answer.status() != 200 || request.note.open(&[log.verifier().clone()]).is_ok(), "only the log's own checkpoint is cosigned");
}
