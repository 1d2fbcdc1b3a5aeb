//! Arrow's C data and C stream interfaces, written out: whoever reads Arrow reads the columns, and no library is needed.

mod abi;
mod array;
mod schema;
mod stream;

pub use stream::{arrow_schema, arrow_stream};
