//! What the targets run: the checks that the tests of `kinspect-core` run too.

#[path = "../../core/tests/checks/mod.rs"]
pub mod checks;

/// A target that runs the check of this name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| {
            static CHECK: std::sync::LazyLock<$crate::checks::Check> = std::sync::LazyLock::new(|| {
                let named = $crate::checks::ALL.iter().find(|(name, _)| *name == $name);
                named.expect("there is such a check").1
            });
            CHECK(data);
        });
    };
}
