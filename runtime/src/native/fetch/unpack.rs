//! Unpacking a body while it arrives, so that a small one cannot become a big one.
//!
//! The bound is on what comes out: a decoder writes into a buffer that takes no more than its bound, and
//! stops there, whatever its input promises.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use zstd::stream::raw::Decoder as RawZstd;
use zstd::stream::write::Decoder as ZstdDecoder;
use zstd::stream::zio;

use super::exchange::Body;
use super::fault::{Fault, Reason};

/// A packed body that grows by more than this is a bomb; below the first mebibyte it does no harm.
const MOST_GROWTH: usize = 100;
const HARMLESS: usize = 1024 * 1024;
/// Largest window of zstd on the web, as a power of two.
const ZSTD_WINDOW: u32 = 23;
/// Bytes that a decoder writes at once.
const STEP: usize = 16 * 1024;

/// A buffer that refuses to grow beyond its bound.
#[derive(Debug)]
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.most - self.bytes.len();
        let fitting = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.bytes.extend_from_slice(fitting);
        if fitting.len() < bytes.len() {
            self.is_full = true;
            return Err(io::Error::other("the bound is reached"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How a body is packed.
enum Decoder {
    Identity(Bounded),
    Gzip(MultiGzDecoder<Bounded>),
    /// What `deflate` means shows in the first byte only.
    Undecided(Bounded),
    Zlib(ZlibDecoder<Bounded>),
    Deflate(DeflateDecoder<Bounded>),
    Brotli(Box<DecompressorWriter<Bounded>>),
    Zstd(ZstdDecoder<'static, Bounded>),
}

/// What has been unpacked of a body.
pub(super) struct Unpacked(Decoder);

impl Unpacked {
    /// Prepares for a body packed as `encodings` say: in one way at most, and at most `most` bytes.
    pub(super) fn new(encodings: &[&str], most: usize) -> Result<Self, Fault> {
        let mut packed =
            encodings.iter().filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
        let (first, second) = (packed.next(), packed.next());
        if second.is_some() {
            return Err(Fault::blocked(Reason::ContentEncoding, "the body is packed more than once"));
        }
        let sink = Bounded { bytes: Vec::new(), most, is_full: false };
        let name = first.map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        let decoder = match name.as_str() {
            "" => Decoder::Identity(sink),
            "gzip" | "x-gzip" => Decoder::Gzip(MultiGzDecoder::new(sink)),
            "deflate" => Decoder::Undecided(sink),
            "br" => Decoder::Brotli(Box::new(DecompressorWriter::new(sink, STEP))),
            "zstd" => Decoder::Zstd(zstd_decoder(sink).map_err(|_| Fault::Internal)?),
            _ => return Err(Fault::blocked(Reason::ContentEncoding, "the body is packed in an unknown way")),
        };
        Ok(Self(decoder))
    }

    /// Takes the next piece; `received` bytes have come in all.
    pub(super) fn take(&mut self, piece: &[u8], received: usize) -> Result<(), Fault> {
        self.decide(piece);
        let written = match &mut self.0 {
            Decoder::Identity(sink) | Decoder::Undecided(sink) => sink.write_all(piece),
            Decoder::Gzip(decoder) => decoder.write_all(piece),
            Decoder::Zlib(decoder) => decoder.write_all(piece),
            Decoder::Deflate(decoder) => decoder.write_all(piece),
            Decoder::Brotli(decoder) => decoder.write_all(piece),
            Decoder::Zstd(decoder) => decoder.write_all(piece).and_then(|()| decoder.flush()),
        };
        let sink = self.sink();
        if sink.bytes.len() > HARMLESS && sink.bytes.len() / received.max(1) > MOST_GROWTH {
            return Err(Fault::blocked(
                Reason::ContentEncoding,
                "the body unpacks to far more than was sent",
            ));
        }
        match written {
            Err(_) if !sink.is_full => Err(broken()),
            _ => Ok(()),
        }
    }

    /// `deflate` is the zlib format by the book, and the bare one with some servers.
    fn decide(&mut self, piece: &[u8]) {
        if let (Decoder::Undecided(sink), Some(first)) = (&mut self.0, piece.first()) {
            let sink = sink.emptied();
            self.0 = match first & 0x0f {
                8 => Decoder::Zlib(ZlibDecoder::new(sink)),
                _ => Decoder::Deflate(DeflateDecoder::new(sink)),
            };
        }
    }

    /// Whether no more fits.
    pub(super) fn is_full(&self) -> bool {
        self.sink().is_full
    }

    fn sink(&self) -> &Bounded {
        match &self.0 {
            Decoder::Identity(sink) | Decoder::Undecided(sink) => sink,
            Decoder::Gzip(decoder) => decoder.get_ref(),
            Decoder::Zlib(decoder) => decoder.get_ref(),
            Decoder::Deflate(decoder) => decoder.get_ref(),
            Decoder::Brotli(decoder) => decoder.get_ref(),
            Decoder::Zstd(decoder) => decoder.get_ref(),
        }
    }

    /// What there is of a body that was not read to its end.
    pub(super) fn cut(mut self) -> Body {
        let bytes = match &mut self.0 {
            Decoder::Identity(sink) | Decoder::Undecided(sink) => sink.emptied(),
            Decoder::Gzip(decoder) => decoder.get_mut().emptied(),
            Decoder::Zlib(decoder) => decoder.get_mut().emptied(),
            Decoder::Deflate(decoder) => decoder.get_mut().emptied(),
            Decoder::Brotli(decoder) => decoder.get_mut().emptied(),
            Decoder::Zstd(decoder) => decoder.get_mut().emptied(),
        }
        .bytes;
        Body { bytes, is_cut: true }
    }

    /// The body, all of which has come.
    pub(super) fn finish(mut self) -> Result<Body, Fault> {
        let ended = match &mut self.0 {
            Decoder::Identity(_) | Decoder::Undecided(_) => Ok(()),
            Decoder::Gzip(decoder) => decoder.try_finish(),
            Decoder::Zlib(decoder) => decoder.try_finish(),
            Decoder::Deflate(decoder) => decoder.try_finish(),
            Decoder::Brotli(decoder) => decoder.close(),
            Decoder::Zstd(decoder) => decoder.flush(),
        };
        let is_full = self.is_full();
        match ended {
            Err(_) if !is_full => Err(broken()),
            _ => Ok(Body { is_cut: is_full, ..self.cut() }),
        }
    }
}

impl Bounded {
    /// The buffer as it is, and a full one in its place, so that a decoder that is dropped writes nothing more.
    fn emptied(&mut self) -> Self {
        let full = Self { bytes: Vec::new(), most: 0, is_full: true };
        std::mem::replace(self, full)
    }
}

fn zstd_decoder(sink: Bounded) -> io::Result<ZstdDecoder<'static, Bounded>> {
    let mut decoder = RawZstd::new()?;
    decoder.set_parameter(zstd::stream::raw::DParameter::WindowLogMax(ZSTD_WINDOW))?;
    Ok(ZstdDecoder::with_writer(zio::Writer::new_with_capacity(sink, decoder, STEP)))
}

fn broken() -> Fault {
    Fault::BadAnswer("the body is packed in a broken way")
}

#[cfg(test)]
mod tests;
