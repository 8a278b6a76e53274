//! A DNS server that answers differently each time it is asked, and a resolver that asks it.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use runtime::native::fetch::{Resolve, Resolving};
use tokio::net::UdpSocket;

const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;

/// What a name is answered with.
#[derive(Clone, Debug)]
pub(super) enum Record {
    Address(IpAddr),
    /// The name is another name for this one, whose records follow.
    Alias(&'static str),
}

/// Answers to the first, second, ... question for a name; the last one for all that follow.
pub(super) type Zone = HashMap<&'static str, Vec<Vec<Record>>>;

pub(super) struct Dns {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<HashMap<(String, u16), usize>>>,
}

impl Dns {
    pub(super) async fn start(zone: Zone) -> Self {
        Self::at(([127, 0, 0, 1], 0).into(), zone).await
    }

    pub(super) async fn at(address: SocketAddr, zone: Zone) -> Self {
        let socket = UdpSocket::bind(address).await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked: Arc<Mutex<HashMap<(String, u16), usize>>> = Arc::default();
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                let query = &packet[..length];
                let (name, kind, _) = question(query);
                let turn = {
                    let mut count = count.lock().unwrap();
                    let turn = count.entry((name.clone(), kind)).or_insert(0);
                    *turn += 1;
                    *turn - 1
                };
                let answers = zone.get(name.as_str());
                let records = answers.and_then(|answers| answers.get(turn).or_else(|| answers.last()));
                let reply = reply(query, kind, records.map(Vec::as_slice));
                let _sent = socket.send_to(&reply, from).await;
            }
        });
        Self { address, asked }
    }

    /// How often the IPv4 addresses of a name were asked for.
    pub(super) fn asked(&self, name: &str) -> usize {
        self.asked.lock().unwrap().get(&(name.to_owned(), A)).copied().unwrap_or(0)
    }

    /// A resolver that asks this server.
    pub(super) fn resolver(&self) -> Stub {
        Stub { server: self.address }
    }
}

/// Name and type of a question, and where it ends.
fn question(packet: &[u8]) -> (String, u16, usize) {
    let (mut at, mut labels) = (12, Vec::new());
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        labels.push(String::from_utf8_lossy(&packet[at + 1..at + 1 + length]).to_ascii_lowercase());
        at += length + 1;
    }
    let kind = u16::from_be_bytes([packet[at + 1], packet[at + 2]]);
    (labels.join("."), kind, at + 5)
}

fn reply(query: &[u8], kind: u16, records: Option<&[Record]>) -> Vec<u8> {
    let (_, _, end) = question(query);
    let status = if records.is_some() { 0x80 } else { 0x83 };
    let mut out = [&query[..2], &[0x81, status, 0, 1, 0, 0, 0, 0, 0, 0], &query[12..end]].concat();
    // The owner of the records: the name asked for, or its alias.
    let (mut owner, mut count) = (vec![0xc0, 12], 0_u8);
    for record in records.unwrap_or_default() {
        let (kind, data) = match record {
            Record::Address(IpAddr::V4(address)) if kind == A => (A, address.octets().to_vec()),
            Record::Address(IpAddr::V6(address)) if kind == AAAA => (AAAA, address.octets().to_vec()),
            Record::Address(_) => continue,
            Record::Alias(name) => (CNAME, encoded(name)),
        };
        out.extend_from_slice(&owner);
        out.extend_from_slice(&kind.to_be_bytes());
        // Class IN, and a time to live of nothing.
        out.extend_from_slice(&[0, 1, 0, 0, 0, 0]);
        out.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        out.extend_from_slice(&data);
        if kind == CNAME {
            owner = data;
        }
        count += 1;
    }
    out[7] = count;
    out
}

fn encoded(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.') {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out
}

/// Asks one server for both kinds of addresses.
#[derive(Clone, Copy)]
pub(super) struct Stub {
    server: SocketAddr,
}

impl Resolve for Stub {
    fn resolve(&self, name: &str) -> Resolving {
        let (server, name) = (self.server, name.to_owned());
        Box::pin(async move {
            let mut found = Vec::new();
            for kind in [A, AAAA] {
                found.extend(ask(server, &name, kind).await?);
            }
            if found.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(found) }
        })
    }
}

async fn ask(server: SocketAddr, name: &str, kind: u16) -> io::Result<Vec<IpAddr>> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    let mut query = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    query.extend(encoded(name));
    query.extend([kind.to_be_bytes(), [0, 1]].concat());
    socket.send_to(&query, server).await?;
    let mut packet = [0; 512];
    let length = socket.recv(&mut packet).await?;
    let packet = &packet[..length];
    let (_, _, mut at) = question(packet);
    let mut found = Vec::new();
    for _ in 0..packet[7] {
        at += match packet[at] {
            0xc0 => 2,
            _ => packet[at..].iter().position(|byte| *byte == 0).unwrap() + 1,
        };
        let size = usize::from(u16::from_be_bytes([packet[at + 8], packet[at + 9]]));
        let data = &packet[at + 10..at + 10 + size];
        match size {
            4 => found.push(IpAddr::from(<[u8; 4]>::try_from(data).map(Ipv4Addr::from).unwrap())),
            16 => found.push(IpAddr::from(<[u8; 16]>::try_from(data).map(Ipv6Addr::from).unwrap())),
            _ => {}
        }
        at += 10 + size;
    }
    Ok(found)
}
