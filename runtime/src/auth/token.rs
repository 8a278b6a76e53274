//! Auth mode `token`: fixed tokens, of which the server keeps nothing but hashes.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Principal;

/// The hash of a token. It has no `PartialEq`, so that nobody compares it in a time that tells how much was right.
#[derive(Clone)]
pub(crate) struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token as clients send it.
    pub(crate) fn of(token: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }

    /// A new token that nobody can guess, and its hash; `None` where the system has no randomness to give.
    pub(crate) fn generate() -> Option<(String, Self)> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).ok()?;
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let hash = Self::of(&token);
        Some((token, hash))
    }

    /// Reads the 64 hexadecimal digits that a configuration holds.
    pub(crate) fn parse(hex: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let mut digits = hex.as_bytes().chunks_exact(2);
        for (byte, pair) in bytes.iter_mut().zip(&mut digits) {
            let pair =
                std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()))?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        (hex.len() == 64).then_some(Self(bytes))
    }

    /// The hash as a configuration holds it.
    pub(crate) fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Compares in a time that does not depend on how much is right.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("***")
    }
}

/// A token and who shows it.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) hash: TokenHash,
    pub(crate) principal: Arc<Principal>,
}

/// Who shows this token. All hashes are compared, whichever matches.
pub(super) fn find(tokens: &[Token], shown: &str) -> Option<Arc<Principal>> {
    let shown = TokenHash::of(shown);
    tokens.iter().fold(None, |found, token| {
        if token.hash.matches(&shown) { Some(Arc::clone(&token.principal)) } else { found }
    })
}

#[cfg(test)]
mod tests {
    use super::TokenHash;

    #[test]
    fn a_hash_reads_back_what_it_writes_and_nothing_else() {
        let hash = TokenHash::of("secret").hex();
        assert_eq!(hash, "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
        assert!(TokenHash::parse(&hash).unwrap().matches(&TokenHash::of("secret")));
        for bad in [
            "",
            "2bb8",
            hash.get(1..).unwrap(),
            &format!("{hash}00"),
            &hash.replace('2', "g"),
            &hash.replace("2b", "+b"),
        ] {
            assert!(TokenHash::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(format!("{:?}", TokenHash::of("secret")), "***");
    }

    #[test]
    fn a_hash_cannot_be_compared_by_chance() {
        trait WithOrWithout<A> {
            fn compiles_while_there_is_one_way() {}
        }
        struct Comparable;
        impl<T> WithOrWithout<()> for T {}
        impl<T: PartialEq> WithOrWithout<Comparable> for T {}
        // With `PartialEq` there would be two ways, and this would be ambiguous.
        <TokenHash as WithOrWithout<_>>::compiles_while_there_is_one_way();
    }
}
