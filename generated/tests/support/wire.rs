//! A client that calls over one connection, and knows what it was answered when the server is killed.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

pub(crate) struct Wire {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Wire {
    /// Connects to the endpoint at `url`.
    pub(crate) fn connect(url: &str) -> Result<Self> {
        let address = url.trim_start_matches("http://").trim_end_matches("/mcp").to_owned();
        Ok(Self { stream: BufReader::new(TcpStream::connect(&address)?), address })
    }

    /// Calls a tool; an error where no whole answer came.
    pub(crate) fn call(&mut self, id: &str, params: &Value) -> Result<Value> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2025-11-25\r\n\
             x-correlation-id: {id}\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(format!("{head}{body}").as_bytes())?;
        let (mut length, mut line) = (0, String::new());
        while line != "\r\n" {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body).unwrap())
    }
}
