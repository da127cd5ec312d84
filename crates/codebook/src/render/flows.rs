//! Flows and access lines (rule-language, section 11).

use super::{Frame, Voice};
use crate::tree::{Access, Act, Flow, Scope, Step, Tie};

impl Voice<'_> {
    /// `flow booking in of custody: for custody officer; record person apprehended; show duties`, a line for each step.
    #[must_use]
    pub fn flow(&self, flow: &Flow) -> String {
        let roles = self.join(Frame::Or, flow.roles.iter().map(|role| self.role_name(*role)));
        // The joints of a table may hold other signs than `;`, so each step is broken off at the blank before it.
        let steps = self.join(Frame::Semicolon, flow.steps.iter().map(|step| format!("\n  {}", self.step(step))));
        self.say(Frame::Flow, &[&flow.name, &self.class_name(flow.subject), &roles, &steps]).replace(" \n", "\n")
    }

    fn step(&self, step: &Step) -> String {
        match step {
            Step::Record { events, with, when, optional, repeatable } => {
                let events = self.join(Frame::Or, events.iter().map(|event| self.event_name(*event)));
                let mut said = self.say(Frame::RecordStep, &[&events]);
                if !with.is_empty() {
                    let fields = self.join(Frame::Comma, with.iter().map(|field| self.field_name(*field)));
                    said = self.say(Frame::With, &[&said, &fields]);
                }
                if let Some(cond) = when {
                    said = self.say(Frame::When, &[&said, &self.cond(cond)]);
                }
                if *optional {
                    said = self.say(Frame::Optional, &[&said]);
                }
                if *repeatable {
                    said = self.say(Frame::Repeatable, &[&said]);
                }
                said
            }
            Step::ShowEvent(event) => self.say(Frame::Show, &[&self.event_name(*event)]),
            Step::ShowState(state) => self.say(Frame::Show, &[&self.state_name(*state)]),
            Step::ShowDuties => self.say(Frame::Show, &[&self.say(Frame::Duties, &[])]),
        }
    }

    /// `allow doctor to read or record class medical when own patient, because "CAT/C/SR.2087, paragraph 4"`
    #[must_use]
    pub fn access(&self, access: &Access) -> String {
        match access {
            Access::Line { allow, roles, acts, scope, when, because, .. } => {
                let roles = self.join(Frame::Or, roles.iter().map(|role| self.role_name(*role)));
                let acts = self.join(Frame::Or, acts.iter().map(|act| self.act(*act)));
                let scope = self.scope(scope);
                let ties = self.join(Frame::And, when.iter().map(|(is, tie)| self.tie(*is, *tie)));
                let because = self.say(Frame::Quotation, &[because]);
                if when.is_empty() {
                    self.say(if *allow { Frame::Allow } else { Frame::Deny }, &[&roles, &acts, &scope, &because])
                } else {
                    self.say(if *allow { Frame::AllowWhen } else { Frame::DenyWhen }, &[&roles, &acts, &scope, &ties, &because])
                }
            }
            Access::Excludes(one, other, _) => self.say(Frame::Excludes, &[&self.role_name(*one), &self.role_name(*other)]),
            Access::Cedar(policy, _) => self.say(Frame::Cedar, &[&self.say(Frame::Quotation, &[policy])]),
        }
    }

    fn act(&self, act: Act) -> String {
        let frame = match act {
            Act::Read => Frame::MayRead,
            Act::Record => Frame::MayRecord,
            Act::Correct => Frame::MayCorrect,
            Act::Print => Frame::MayPrint,
            Act::Export => Frame::MayExport,
            Act::Search => Frame::MaySearch,
            Act::Approve => Frame::MayApprove,
        };
        self.say(frame, &[])
    }

    fn scope(&self, scope: &Scope) -> String {
        match scope {
            Scope::Everything => self.say(Frame::Everything, &[]),
            Scope::Class(sensitivity) => self.say(Frame::Class, &[&self.sensitivity(*sensitivity)]),
            Scope::Event(event) => self.event_name(*event),
            Scope::Field(field, event) => self.say(Frame::TheFieldOf, &[&self.field_name(*field), &self.event_name(*event)]),
            Scope::Table(id) => {
                let declared = self.codebook.tables.iter().find(|table| table.id.eq_ignore_ascii_case(id));
                self.say(Frame::Table, &[declared.map_or(id, |table| &table.id)])
            }
            Scope::RecordOf(class) => self.say(Frame::RecordOf, &[&self.class_name(*class)]),
        }
    }

    fn tie(&self, is: bool, tie: Tie) -> String {
        let frame = match tie {
            Tie::OwnPlace => Frame::OwnPlace,
            Tie::OwnClient => Frame::OwnClient,
            Tie::OwnPatient => Frame::OwnPatient,
            Tie::OwnCase => Frame::OwnCase,
            Tie::Own => Frame::Own,
            Tie::NamedInIt => Frame::NamedInIt,
            Tie::OverOneNamed => Frame::OverOneNamed,
            Tie::ConsentGiven => Frame::ConsentGiven,
            Tie::BreakGlass => Frame::BreakGlass,
            Tie::OnShift => Frame::OnShift,
        };
        let said = self.say(frame, &[]);
        if is { said } else { self.say(Frame::Not, &[&said]) }
    }
}
