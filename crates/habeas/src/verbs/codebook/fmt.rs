//! stub
/// stub
#[derive(Debug, clap::Args)]
pub struct Fmt {}
impl Fmt {
    /// stub
    ///
    /// # Errors
    /// stub
    pub fn run(&self, _: crate::terminal::Terminal) -> Result<crate::outcome::Outcome, crate::outcome::Trouble> {
        Ok(crate::outcome::Outcome::Clean)
    }
}
