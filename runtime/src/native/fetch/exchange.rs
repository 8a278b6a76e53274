//! One request and its answer, within bounds that hold while it arrives.
//!
//! HTTP/1.1 on a connection of its own: its headers are bounded by the reader and its body is taken piece by
//! piece. No cookie, no credential and no Referer ever goes out.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::task::JoinHandle;

use super::connect::Connector;
use super::fault::{Fault, Reason};
use super::unpack::Unpacked;
use super::url::Target;

/// Most headers of an answer.
const MOST_HEADERS: usize = 200;
/// Most bytes of an answer's headers, and of what is read at once.
const MOST_HEADER_BYTES: usize = 64 * 1024;
/// Most bytes of a body as they come, and of what they unpack to.
pub(super) const MOST_BODY_BYTES: usize = 2 * 1024 * 1024;

/// What the tool can make text of, in the order in which it likes it.
const ACCEPT: &str =
    "text/html,application/xhtml+xml,text/*;q=0.9,application/json;q=0.9,application/xml;q=0.8";
const ACCEPT_ENCODING: &str = "gzip, br, zstd, deflate";

/// An answer whose body has not been read yet.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Incoming,
    _driver: Driver,
}

/// A body that was read.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Whether there was more than may be read.
    pub(super) is_cut: bool,
}

/// The task that moves an answer's bytes. It ends with the answer.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks for a page.
pub(super) async fn get(
    connector: &Connector,
    target: &Target,
    user_agent: &HeaderValue,
) -> Result<Answer, Fault> {
    let connection = connector.connect(target).await?;
    let (mut sender, driver) = http1::Builder::new()
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_HEADER_BYTES)
        .handshake(TokioIo::new(connection))
        .await
        .map_err(of_http)?;
    let driver = Driver(tokio::spawn(async move {
        // Whoever waits for the answer hears of a broken connection.
        let _ended = driver.await;
    }));
    let response = sender.send_request(request(target, user_agent)?).await.map_err(of_http)?;
    let (parts, body) = response.into_parts();
    let size: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > MOST_HEADER_BYTES {
        return Err(too_many_headers());
    }
    Ok(Answer { status: parts.status, headers: parts.headers, body, _driver: driver })
}

fn request(target: &Target, user_agent: &HeaderValue) -> Result<Request<Empty<Bytes>>, Fault> {
    let host = HeaderValue::from_str(&target.authority()).map_err(|_| Fault::Internal)?;
    let fixed = [
        (header::ACCEPT, HeaderValue::from_static(ACCEPT)),
        (header::ACCEPT_ENCODING, HeaderValue::from_static(ACCEPT_ENCODING)),
        (header::CONNECTION, HeaderValue::from_static("close")),
    ];
    let mut request =
        Request::get(target.path_and_query()).body(Empty::new()).map_err(|_| Fault::Internal)?;
    let headers = request.headers_mut();
    headers.insert(header::HOST, host);
    headers.insert(header::USER_AGENT, user_agent.clone());
    headers.extend(fixed);
    Ok(request)
}

fn of_http(error: hyper::Error) -> Fault {
    if error.is_parse_too_large() {
        return too_many_headers();
    }
    Fault::BadAnswer("what the host answered is no whole HTTP answer")
}

fn too_many_headers() -> Fault {
    Fault::blocked(Reason::Headers, "the host sent more headers than are read")
}

impl Answer {
    /// The text of a header; none where it is not there, or not ASCII.
    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The length that the answer claims for its body.
    pub(super) fn length(&self) -> Option<u64> {
        self.header(header::CONTENT_LENGTH)?.parse().ok()
    }

    /// Reads the body, unpacked. What is longer than `most` bytes, packed or not, is cut there.
    pub(super) async fn read(mut self, most: usize) -> Result<Body, Fault> {
        let encodings: Vec<&str> = self
            .headers
            .get_all(header::CONTENT_ENCODING)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("?").split(','))
            .map(str::trim)
            .collect();
        let mut unpacked = Unpacked::new(&encodings, most)?;
        let mut received = 0;
        while !unpacked.is_full() {
            let Some(frame) = self.body.frame().await else { return unpacked.finish() };
            let Ok(data) =
                frame.map_err(|_| Fault::BadAnswer("the answer ended before it was whole"))?.into_data()
            else {
                continue;
            };
            received += data.len();
            unpacked.take(&data, received)?;
            if received > most {
                break;
            }
        }
        Ok(unpacked.cut())
    }
}
