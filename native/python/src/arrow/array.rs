//! Tables of a chunk as Arrow arrays over the memory in which the chunk was made.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use kinspect_core::columns::{Binary, Bits, Headers};
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;

use super::abi::{ArrowArray, Children};
use super::schema::Field;
use super::stream::Kind;
use crate::chunk::Lease;
use crate::view::{View, bytes};

/// What keeps the memory of one array. numbers: values that are not those of the chunk.
struct Node {
    _lease: Arc<Lease>,
    _numbers: Vec<i32>,
    buffers: Vec<*const c_void>,
    children: Children<ArrowArray>,
}

/// Makes arrays of one chunk.
pub struct Maker<'a> {
    pub lease: &'a Arc<Lease>,
    pub kind: Kind,
    /// How many batches the stream had in the chunks before.
    pub batches_before: i64,
}

/// Why a column that the scan was not asked for cannot be exported.
const NOT_FILLED: &str = "was not filled, or is of another type";

impl Maker<'_> {
    /// The table of these fields; the scan must have been asked for them.
    ///
    /// # Errors
    /// A column that is not there, or of another type or length.
    pub fn table(&self, fields: &[Field]) -> PyResult<ArrowArray> {
        let children: PyResult<Vec<ArrowArray>> = fields.iter().map(|field| self.column(field)).collect();
        Ok(self.array(self.length(), 0, vec![ptr::null()], children?))
    }

    /// How many rows there are.
    #[must_use]
    pub fn length(&self) -> usize {
        self.kind.length(self.lease.columns())
    }

    fn column(&self, field: &Field) -> PyResult<ArrowArray> {
        let view = self.kind.column(self.lease.columns(), &field.name);
        let fitting = view.filter(|view| format_of(view) == field.format && self.is_filled(view));
        match fitting.ok_or_else(|| PyValueError::new_err(format!("{} {NOT_FILLED}", field.name)))? {
            View::Ints { .. } if field.name == "batch" && self.batches_before > 0 => self.numbers(),
            View::Ints { values, length, validity, .. } => {
                Ok(self.flat(length, validity.filter(|_| field.nullable), values))
            }
            View::Bits { values, validity } => {
                Ok(self.flat(values.len, validity.filter(|_| field.nullable), &values.bytes))
            }
            View::Binary(binary) => Ok(self.binary(binary, field.nullable)),
            View::Headers(headers) => Ok(self.headers(headers)),
        }
    }

    /// The numbers of batches, counted on from those of the chunks before.
    fn numbers(&self) -> PyResult<ArrowArray> {
        let of_chunk = self.lease.columns().records.batch.iter();
        let numbers: Result<Vec<i32>, _> =
            of_chunk.map(|number| i32::try_from(self.batches_before + i64::from(*number))).collect();
        let numbers = numbers.map_err(|_| PyOverflowError::new_err("more batches than the column batch can count"))?;
        let buffers = vec![ptr::null(), bytes(&numbers).as_ptr().cast()];
        Ok(array(self.lease, numbers, self.length(), 0, buffers, Vec::new()))
    }

    fn flat(&self, length: usize, validity: Option<&Bits>, values: &[u8]) -> ArrowArray {
        let (nulls, bitmap) = nulls_of(validity);
        self.array(length, nulls, vec![bitmap, values.as_ptr().cast()], Vec::new())
    }

    fn binary(&self, binary: &Binary, nullable: bool) -> ArrowArray {
        let (nulls, bitmap) = nulls_of(nullable.then_some(&binary.validity));
        let buffers = vec![bitmap, binary.offsets.as_ptr().cast(), binary.data.as_ptr().cast()];
        self.array(binary.len(), nulls, buffers, Vec::new())
    }

    fn headers(&self, headers: &Headers) -> ArrowArray {
        let pairs = vec![self.binary(&headers.keys, false), self.binary(&headers.values, true)];
        let children = vec![self.array(headers.keys.len(), 0, vec![ptr::null()], pairs)];
        self.array(headers.offsets.len() - 1, 0, vec![ptr::null(), headers.offsets.as_ptr().cast()], children)
    }

    fn array(&self, length: usize, nulls: usize, buffers: Vec<*const c_void>, children: Vec<ArrowArray>) -> ArrowArray {
        array(self.lease, Vec::new(), length, nulls, buffers, children)
    }

    /// Whether the column has as many rows as the table: whoever reads it trusts that.
    fn is_filled(&self, view: &View<'_>) -> bool {
        let length = self.length();
        match view {
            View::Ints { length: rows, validity, .. } => *rows == length && has_rows(*validity, length),
            View::Bits { values, validity } => values.len == length && has_rows(*validity, length),
            View::Binary(binary) => is_whole(binary, length),
            View::Headers(headers) => {
                let pairs = headers.offsets.last().map_or(0, |end| end.unsigned_abs() as usize);
                headers.offsets.len() == length + 1
                    && is_whole(&headers.keys, pairs)
                    && is_whole(&headers.values, pairs)
            }
        }
    }
}

fn has_rows(validity: Option<&Bits>, length: usize) -> bool {
    validity.is_none_or(|bits| bits.len == length)
}

fn is_whole(binary: &Binary, length: usize) -> bool {
    binary.len() == length && binary.offsets.len() == length + 1
}

fn format_of(view: &View<'_>) -> &'static str {
    match view {
        View::Ints { format, .. } => format,
        View::Bits { .. } => "b",
        View::Binary(_) => "z",
        View::Headers(_) => "+l",
    }
}

/// How many nulls there are, and the bitmap where there are any.
fn nulls_of(validity: Option<&Bits>) -> (usize, *const c_void) {
    let Some(bits) = validity else {
        return (0, ptr::null());
    };
    let set: usize = bits.bytes.iter().map(|byte| byte.count_ones() as usize).sum();
    (bits.len - set, bits.bytes.as_ptr().cast())
}

fn array(
    lease: &Arc<Lease>,
    numbers: Vec<i32>,
    length: usize,
    nulls: usize,
    buffers: Vec<*const c_void>,
    children: Vec<ArrowArray>,
) -> ArrowArray {
    let children = Children::new(children);
    let mut node = Box::new(Node { _lease: Arc::clone(lease), _numbers: numbers, buffers, children });
    ArrowArray {
        length: length as i64,
        null_count: nulls as i64,
        offset: 0,
        n_buffers: node.buffers.len() as i64,
        n_children: node.children.count(),
        buffers: node.buffers.as_mut_ptr(),
        children: node.children.pointers(),
        dictionary: ptr::null_mut(),
        release: Some(release),
        private_data: Box::into_raw(node).cast(),
    }
}

unsafe extern "C" fn release(array: *mut ArrowArray) {
    // SAFETY: whoever calls this owns the struct, which `array` above filled.
    let node = unsafe {
        (*array).release = None;
        Box::from_raw((*array).private_data.cast::<Node>())
    };
    drop(node); // needs no interpreter: a lease holds no Python object
}
