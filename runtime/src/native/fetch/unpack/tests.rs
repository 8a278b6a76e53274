use std::io::Write;

use super::super::exchange::Body;
use super::super::fault::{Fault, Reason};
use super::Unpacked;

const MOST: usize = 2 * 1024 * 1024;

/// Unpacks `packed` in pieces; also how many bytes were taken.
fn unpack(encoding: &str, packed: &[u8], most: usize) -> (Result<Body, Fault>, usize) {
    let encodings: Vec<&str> = encoding.split(',').map(str::trim).collect();
    let mut unpacked = match Unpacked::new(&encodings, most) {
        Ok(unpacked) => unpacked,
        Err(fault) => return (Err(fault), 0),
    };
    let mut received = 0;
    for piece in packed.chunks(1000) {
        received += piece.len();
        if let Err(fault) = unpacked.take(piece, received) {
            return (Err(fault), received);
        }
        if unpacked.is_full() {
            return (Ok(unpacked.cut()), received);
        }
    }
    (unpacked.finish(), received)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// Brotli of a few letters that are stored and not compressed, since there is no encoder here.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    assert!((1..=65_536).contains(&bytes.len()));
    // Window of 2^16; one uncompressed block; then the empty last block.
    let length = u32::try_from(bytes.len() - 1).unwrap();
    // Bits from the lowest: 0 (window), 0 (not last), 00 (four nibbles), 16 bits of length, 1 (uncompressed).
    let header = length << 4 | 1 << 20;
    let mut packed = header.to_le_bytes()[..3].to_vec();
    packed.extend_from_slice(bytes);
    packed.push(3);
    packed
}

#[test]
fn each_packing_gives_back_what_was_packed() {
    let text: Vec<u8> = (0..20_000_u32).flat_map(|number| (number * number).to_le_bytes()).collect();
    let short = b"a short text, a short text";
    for (encoding, packed, expected) in [
        ("", text.clone(), &text[..]),
        ("identity", text.clone(), &text),
        ("gzip", gzip(&text), &text),
        ("X-GZIP", gzip(&text), &text),
        ("gzip", [gzip(&text[..1000]), gzip(&text[1000..])].concat(), &text),
        ("deflate", zlib(&text), &text),
        ("deflate", deflate(&text), &text),
        ("zstd", zstd(&text), &text),
        ("br", brotli(short), short),
        ("identity, gzip", gzip(short), short),
    ] {
        let (body, _) = unpack(encoding, &packed, MOST);
        let body = body.unwrap_or_else(|fault| panic!("{encoding}: {fault}"));
        assert!(body.bytes == expected && !body.is_cut, "{encoding}");
    }
}

#[test]
fn what_is_exactly_as_long_as_the_bound_is_whole_and_one_byte_more_is_cut() {
    let text: Vec<u8> = (0..100_000_u32).map(|number| (number * 31 % 251) as u8).collect();
    for encoding in ["", "gzip", "deflate", "zstd"] {
        let pack = match encoding {
            "gzip" => gzip,
            "deflate" => zlib,
            "zstd" => zstd,
            _ => <[u8]>::to_vec,
        };
        for (length, is_cut) in [(99_999, false), (100_000, false), (100_001, true)] {
            let bytes: Vec<u8> = text.iter().copied().cycle().take(length).collect();
            let body = unpack(encoding, &pack(&bytes), 100_000).0.unwrap();
            assert_eq!((body.bytes.len(), body.is_cut), (length.min(100_000), is_cut), "{encoding} {length}");
        }
    }
}

#[test]
fn a_bomb_is_refused_long_before_it_goes_off() {
    let zeros = vec![0; 10 * 1024 * 1024];
    for (encoding, packed) in [
        ("gzip", gzip(&zeros)),
        ("deflate", zlib(&zeros)),
        ("deflate", deflate(&zeros)),
        ("zstd", zstd(&zeros)),
    ] {
        let (body, received) = unpack(encoding, &packed, MOST);
        assert!(matches!(body, Err(Fault::Blocked(Reason::ContentEncoding, _))), "{encoding}");
        assert!(received <= packed.len());
    }
}

#[test]
fn packings_that_are_nested_unknown_or_broken_are_refused() {
    let packed = gzip(b"text");
    for (encoding, packed) in [
        ("gzip, gzip", &packed[..]),
        ("gzip, br", &packed),
        ("compress", &packed),
        ("?", &packed),
        ("gzip", b"no gzip at all, whatever the header says"),
        ("gzip", &packed[..packed.len() - 9]),
        ("br", b"\xff\xff\xff\xff\xff\xff"),
        ("zstd", b"no zstd at all, whatever the header says"),
        ("deflate", b"\x78\x9c\xff\xff\xff\xff"),
    ] {
        assert!(unpack(encoding, packed, MOST).0.is_err(), "{encoding} {packed:?}");
    }
}
