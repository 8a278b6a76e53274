//! A backend that counts what it is asked under each idempotency key, and holds some answers back.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// End of the keys whose answers can be held back.
pub(crate) const HELD: &str = "held";

pub(crate) struct Counting {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    effects: Mutex<HashMap<String, usize>>,
    holds: AtomicBool,
}

impl Counting {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&serving);
                // A gateway that was killed takes its connections with it.
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Holds answers back from now on, or none.
    pub(crate) fn hold(&self, holds: bool) {
        self.shared.holds.store(holds, Ordering::SeqCst);
    }

    /// How often each key was asked for.
    pub(crate) fn effects(&self) -> HashMap<String, usize> {
        self.shared.effects.lock().unwrap().clone()
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> Result<()> {
        let mut stream = BufReader::new(stream);
        loop {
            let (mut length, mut key, mut line) = (0, String::new(), String::new());
            while line != "\r\n" {
                line.clear();
                if stream.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                let (name, value) = line.split_once(':').unwrap_or_default();
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.trim().parse().unwrap(),
                    "idempotency-key" => key = value.trim().to_owned(),
                    _ => {}
                }
            }
            stream.read_exact(&mut vec![0; length])?;
            let number = {
                let mut effects = self.effects.lock().unwrap();
                *effects.entry(key.clone()).or_default() += 1;
                effects.values().sum::<usize>()
            };
            if key.ends_with(HELD) && self.holds.load(Ordering::SeqCst) {
                // Until the gateway is gone.
                return stream.read_exact(&mut [0]);
            }
            // No two answers are the same.
            let body = format!("{{\"effect\":{number}}}");
            write!(stream.get_mut(), "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
        }
    }
}
