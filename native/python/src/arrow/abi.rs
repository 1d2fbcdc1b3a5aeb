//! The structs of Arrow's C data and C stream interfaces, as <https://arrow.apache.org/docs/format/CDataInterface.html>
//! lays them out. Whoever is handed one calls its `release`; dropping one that was not handed on does that too.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

/// A type with its name, and those of its children.
#[repr(C)]
pub struct ArrowSchema {
    pub format: *const c_char,
    pub name: *const c_char,
    pub metadata: *const c_char,
    pub flags: i64,
    pub n_children: i64,
    pub children: *mut *mut Self,
    pub dictionary: *mut Self,
    pub release: Option<unsafe extern "C" fn(*mut Self)>,
    pub private_data: *mut c_void,
}

/// In `ArrowSchema::flags`: there may be nulls.
pub const NULLABLE: i64 = 2;

/// The values of one column, and of its children.
#[repr(C)]
pub struct ArrowArray {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    pub n_children: i64,
    pub buffers: *mut *const c_void,
    pub children: *mut *mut Self,
    pub dictionary: *mut Self,
    pub release: Option<unsafe extern "C" fn(*mut Self)>,
    pub private_data: *mut c_void,
}

/// Arrays of one type, one after the other.
#[repr(C)]
pub struct ArrowArrayStream {
    pub get_schema: Option<unsafe extern "C" fn(*mut Self, *mut ArrowSchema) -> c_int>,
    pub get_next: Option<unsafe extern "C" fn(*mut Self, *mut ArrowArray) -> c_int>,
    pub get_last_error: Option<unsafe extern "C" fn(*mut Self) -> *const c_char>,
    pub release: Option<unsafe extern "C" fn(*mut Self)>,
    pub private_data: *mut c_void,
}

impl ArrowArray {
    /// What says that there are no more arrays.
    #[must_use]
    pub fn end() -> Self {
        Self {
            length: 0,
            null_count: 0,
            offset: 0,
            n_buffers: 0,
            n_children: 0,
            buffers: ptr::null_mut(),
            children: ptr::null_mut(),
            dictionary: ptr::null_mut(),
            release: None,
            private_data: ptr::null_mut(),
        }
    }
}

macro_rules! released_when_dropped {
    ($($kind:ty),*) => {
        $(
            impl Drop for $kind {
                fn drop(&mut self) {
                    if let Some(release) = self.release {
                        // SAFETY: who moved the struct away would have taken `release` out of it.
                        unsafe { release(self) }
                    }
                }
            }

            // SAFETY: what it points to belongs to it alone, and may be released on any thread.
            unsafe impl Send for $kind {}
        )*
    };
}

released_when_dropped!(ArrowSchema, ArrowArray, ArrowArrayStream);

/// The children of a schema or an array, and the row of pointers by which C finds them.
///
/// Someone may have moved a child out of its place: then its `release` is gone, and only the place is freed.
pub struct Children<T>(Vec<*mut T>);

impl<T> Children<T> {
    /// Takes them over.
    #[must_use]
    pub fn new(children: Vec<T>) -> Self {
        Self(children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.0.len() as i64
    }

    /// The row of pointers, valid as long as this is.
    #[must_use]
    pub fn pointers(&mut self) -> *mut *mut T {
        self.0.as_mut_ptr()
    }
}

impl<T> Drop for Children<T> {
    fn drop(&mut self) {
        for child in self.0.drain(..) {
            // SAFETY: `new` made it from a box, and nobody else frees it.
            drop(unsafe { Box::from_raw(child) });
        }
    }
}
