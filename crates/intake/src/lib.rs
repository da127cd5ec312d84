//! Other people's logs.
