//! A socket that does not wait for ever: neither for a client that sends slowly nor for one that does not read.
//!
//! The parser's own timer cannot tell an idle connection from a head that drips, and has none for writing.
//! Whoever reads here reads the truth about the connection's [`Phase`], so the limits live here. A limit that
//! is passed shows as an error of the socket, upon which the parser gives the connection up.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::limits::Limits;
use super::wire::{Phase, Wire};

/// How much is read at a time of what nobody wants.
const WASTE: usize = 16 * 1024;

/// A connection's socket.
#[derive(Debug)]
pub(super) struct TimedIo {
    stream: TcpStream,
    wire: Wire,
    limits: Limits,
    /// What reading waits for at the moment, and until when.
    phase: Phase,
    reading: Deadline,
    writing: Deadline,
    /// The pause between the last byte sent and the end of the connection.
    lingering: Deadline,
}

impl TimedIo {
    pub(super) fn new(stream: TcpStream, wire: Wire, limits: Limits) -> Self {
        let mut reading = Deadline::default();
        reading.set(limits.first_byte);
        let (writing, lingering) = (Deadline::default(), Deadline::default());
        Self { stream, wire, limits, phase: Phase::Fresh, reading, writing, lingering }
    }

    /// Moves the deadline for reading along with the phase.
    fn follow_phase(&mut self) {
        let phase = self.wire.phase();
        if phase == self.phase {
            return;
        }
        self.phase = phase;
        match phase {
            Phase::Fresh => self.reading.set(self.limits.first_byte),
            Phase::Head => self.reading.set(self.limits.head),
            Phase::Idle => self.reading.set(self.limits.idle),
            Phase::Busy => self.reading.clear(),
        }
    }

    /// Pending until the deadline for reading has passed.
    fn poll_reading(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        self.follow_phase();
        loop {
            ready!(self.reading.poll(cx));
            if self.phase != Phase::Idle || !self.writing.is_set() {
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the client sent too slowly"));
            }
            // The answer is still being read, which has a deadline of its own.
            self.reading.set(self.limits.idle);
        }
    }

    /// Keeps the deadline for writing while the client takes nothing.
    fn check_write<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.writing.clear();
            return written;
        }
        if !self.writing.is_set() {
            self.writing.set(self.limits.write_idle);
        }
        ready!(self.writing.poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client did not read")))
    }
}

impl AsyncRead for TimedIo {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if read.is_ready() {
            this.wire.received(buf.filled().get(before..).unwrap_or_default());
            this.follow_phase();
            return read;
        }
        this.poll_reading(cx).map(Err)
    }
}

impl AsyncWrite for TimedIo {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.check_write(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.check_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    /// Ends the connection. A client that is still sending would lose an answer that tells it to stop: closing
    /// a socket with bytes unread takes back what was written last. So they are read for a while, and dropped.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.lingering.is_set() {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if this.wire.is_between_requests() {
                return Poll::Ready(Ok(()));
            }
            this.lingering.set(this.limits.linger);
        }
        let mut waste = [0; WASTE];
        loop {
            if this.lingering.poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut waste);
            match ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                // The client has gone, as it was asked to.
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// A moment after which something has taken too long. Not set, it never comes.
#[derive(Debug, Default)]
struct Deadline {
    sleep: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

impl Deadline {
    fn set(&mut self, after: Duration) {
        self.is_set = true;
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(Instant::now() + after),
            None => self.sleep = Some(Box::pin(tokio::time::sleep(after))),
        }
    }

    fn clear(&mut self) {
        self.is_set = false;
    }

    fn is_set(&self) -> bool {
        self.is_set
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.sleep {
            Some(sleep) if self.is_set => sleep.as_mut().poll(cx),
            _ => Poll::Pending,
        }
    }
}
