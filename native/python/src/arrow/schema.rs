//! The fields of a table as an Arrow schema. Names and types are Python's: `BATCHES` and `RECORDS`.

use std::ffi::{CStr, CString};
use std::ptr;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::abi::{ArrowSchema, Children, NULLABLE};

/// One column: see `Field` in `inspector/engine/chunk.py`.
pub struct Field {
    pub name: String,
    pub format: String,
    pub nullable: bool,
}

/// What the fields of a row are together.
const STRUCT: &CStr = c"+s";
const LIST: &str = "+l";

struct Node {
    format: CString,
    name: CString,
    children: Children<ArrowSchema>,
}

/// The schema of a table of these fields.
///
/// # Errors
/// A name or format with a NUL character in it.
pub fn table(fields: &[Field]) -> PyResult<ArrowSchema> {
    let children: PyResult<Vec<ArrowSchema>> = fields.iter().map(field).collect();
    Ok(schema(STRUCT.to_owned(), CString::default(), false, children?))
}

fn field(field: &Field) -> PyResult<ArrowSchema> {
    let children = if field.format == LIST { vec![header()] } else { Vec::new() };
    Ok(schema(c_string(&field.format)?, c_string(&field.name)?, field.nullable, children))
}

/// One of the headers of a record.
fn header() -> ArrowSchema {
    let binary = |name: &CStr, nullable| schema(c"z".to_owned(), name.to_owned(), nullable, Vec::new());
    schema(STRUCT.to_owned(), c"item".to_owned(), false, vec![binary(c"key", false), binary(c"value", true)])
}

fn schema(format: CString, name: CString, nullable: bool, children: Vec<ArrowSchema>) -> ArrowSchema {
    let mut node = Box::new(Node { format, name, children: Children::new(children) });
    ArrowSchema {
        format: node.format.as_ptr(),
        name: node.name.as_ptr(),
        metadata: ptr::null(),
        flags: if nullable { NULLABLE } else { 0 },
        n_children: node.children.count(),
        children: node.children.pointers(),
        dictionary: ptr::null_mut(),
        release: Some(release),
        private_data: Box::into_raw(node).cast(),
    }
}

unsafe extern "C" fn release(schema: *mut ArrowSchema) {
    // SAFETY: whoever calls this owns the struct, which `schema` above filled.
    let node = unsafe {
        (*schema).release = None;
        Box::from_raw((*schema).private_data.cast::<Node>())
    };
    drop(node);
}

fn c_string(text: &str) -> PyResult<CString> {
    CString::new(text).map_err(|_| PyValueError::new_err(format!("{text:?} holds a NUL character")))
}
