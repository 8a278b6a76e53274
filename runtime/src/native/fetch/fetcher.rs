//! From a URL to a page: redirects, robots, the cache, and the bounds of all that together.
//!
//! Every step to another URL is a judgement of its own; nothing learnt about one place counts for the next.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{StatusCode, header};
use tokio::sync::Semaphore;
use tokio_rustls::rustls;

use super::cache::Cache;
use super::charset;
use super::connect::Connector;
use super::exchange::{self, Answer, MOST_BODY_BYTES};
use super::fault::{Fault, Reason};
use super::flight::Flights;
use super::fresh;
use super::html;
use super::kind;
use super::network::Network;
use super::page::Page;
use super::robots::{self, Robots};
use super::url::{self, Target};
use crate::clock::Clock;
use crate::config::FetchSection;

/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 5;
/// Most fetches at once; each may hold a body.
const MOST_FETCHES: usize = 32;
/// Most pages at once whose text is taken, since that takes a thread each.
const MOST_READERS: usize = 2;
/// Bytes of pages, and of sites' wishes, that are kept.
const PAGES_BYTES: usize = 16 * 1024 * 1024;
const ROBOTS_BYTES: usize = 2 * 1024 * 1024;
/// How long a site's wishes are taken for unchanged.
const ROBOTS_LIFETIME: Duration = Duration::from_secs(600);

/// A page of one tenant, since what another may fetch says nothing about this one.
type Key = (String, String);

/// Fetches pages.
pub(crate) struct Fetcher {
    config: FetchSection,
    connector: Connector,
    clock: Clock,
    pages: Cache<Key, Arc<Page>>,
    robots: Cache<String, Robots>,
    flights: Flights<Key, Result<Arc<Page>, Fault>>,
    fetches: Semaphore,
    readers: Arc<Semaphore>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fetcher").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher that never fetches from `own`, where this server listens.
    pub(crate) fn new(
        config: FetchSection,
        network: Network,
        own: SocketAddr,
        clock: Clock,
    ) -> Result<Self, rustls::Error> {
        Ok(Self {
            config,
            connector: Connector::new(network, own)?,
            clock,
            pages: Cache::new(PAGES_BYTES),
            robots: Cache::new(ROBOTS_BYTES),
            flights: Flights::default(),
            fetches: Semaphore::new(MOST_FETCHES),
            readers: Arc::new(Semaphore::new(MOST_READERS)),
        })
    }

    /// The page at `url`, for `tenant`.
    pub(super) async fn page(&self, tenant: &str, url: &str) -> Result<Arc<Page>, Fault> {
        let target = self.judge(tenant, url)?;
        let key = (tenant.to_owned(), target.url().to_string());
        let now = self.clock.now();
        if let Some(page) = self.pages.get(&key, now) {
            return Ok(page);
        }
        self.flights
            .join(key.clone(), async {
                let _place = self.fetches.acquire().await.map_err(|_| Fault::Internal)?;
                let page = Arc::new(self.journey(tenant, target).await?);
                self.pages.put(key, Arc::clone(&page), page.bytes.len() + 1024, now, page.lifetime);
                Ok(page)
            })
            .await
    }

    /// Takes the text of a page, apart from the threads that serve.
    pub(super) async fn read(&self, page: Arc<Page>, reading: html::Reading) -> Result<html::Read, Fault> {
        let place = Arc::clone(&self.readers).acquire_owned().await.map_err(|_| Fault::Internal)?;
        let work = move || {
            let read = html::read(&page.bytes, page.encoding, &reading);
            drop(place);
            read
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Fault::Internal)
    }

    /// What the URL and the operator's lists say.
    fn judge(&self, tenant: &str, url: &str) -> Result<Target, Fault> {
        let target = url::judge(url, &self.config.ports)?;
        self.config.hosts.check(tenant, &target)?;
        Ok(target)
    }

    async fn journey(&self, tenant: &str, start: Target) -> Result<Page, Fault> {
        let mut target = start;
        let mut lifetime = Duration::MAX;
        for redirects in 0..=MOST_REDIRECTS {
            self.ask_robots(tenant, &target).await?;
            let answer = exchange::get(&self.connector, &target, &self.config.user_agent).await?;
            lifetime = lifetime.min(fresh::lifetime(&answer.headers));
            match self.redirect(tenant, &target, &answer)? {
                Some(next) => target = next,
                None => return self.arrive(target, redirects, answer, lifetime).await,
            }
        }
        Err(Fault::blocked(Reason::Redirect, format!("more than {MOST_REDIRECTS} redirects")))
    }

    /// Where an answer leads on to, if it does.
    fn redirect(&self, tenant: &str, from: &Target, answer: &Answer) -> Result<Option<Target>, Fault> {
        if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        if answer.headers.get_all(header::LOCATION).iter().count() > 1 {
            return Err(Fault::blocked(Reason::Redirect, "a redirect leads to several places"));
        }
        let Some(location) = answer.headers.get(header::LOCATION) else { return Ok(None) };
        let location = std::str::from_utf8(location.as_bytes())
            .map_err(|_| Fault::blocked(Reason::Url, "a redirect leads to something that is no URL"))?;
        let next = url::judge_redirect(from, location, &self.config.ports)?;
        self.config.hosts.check(tenant, &next)?;
        if from.is_encrypted() && !next.is_encrypted() && !self.config.allow_downgrade {
            return Err(Fault::blocked(Reason::Redirect, "a redirect gives up encryption"));
        }
        Ok(Some(next))
    }

    async fn arrive(
        &self,
        target: Target,
        redirects: usize,
        answer: Answer,
        lifetime: Duration,
    ) -> Result<Page, Fault> {
        let content_type = answer.header(header::CONTENT_TYPE).map(str::to_owned);
        let essence = kind::essence(content_type.as_deref());
        let by_type = kind::of_type(&essence, answer.length())?;
        let status = answer.status;
        let body = answer.read(MOST_BODY_BYTES).await?;
        let kind = kind::of_body(by_type, &essence, &body.bytes)?;
        Ok(Page {
            final_url: target.url().clone(),
            redirects,
            status: status.as_u16(),
            content_type: essence,
            kind,
            encoding: charset::detect(content_type.as_deref(), &body.bytes, body.is_cut),
            bytes: body.bytes,
            is_cut: body.is_cut,
            fetched_at: self.clock.now(),
            lifetime: if status == StatusCode::OK { lifetime } else { Duration::ZERO },
        })
    }

    /// Refuses what the site asks robots not to fetch.
    async fn ask_robots(&self, tenant: &str, target: &Target) -> Result<(), Fault> {
        if !self.config.robots {
            return Ok(());
        }
        let origin = target.origin();
        let now = self.clock.now();
        let robots = match self.robots.get(&origin, now) {
            Some(robots) => robots,
            None => {
                let (robots, bytes) = self.fetch_robots(tenant, target).await?;
                self.robots.put(origin, robots.clone(), bytes + 256, now, ROBOTS_LIFETIME);
                robots
            }
        };
        match robots.allow(target.path_and_query()) {
            true => Ok(()),
            false => Err(Fault::blocked(Reason::Robots, "the site asks robots not to fetch this page")),
        }
    }

    /// A file that is missing asks for nothing; a site that cannot say wants to be left alone (RFC 9309, 2.3.1).
    async fn fetch_robots(&self, tenant: &str, target: &Target) -> Result<(Robots, usize), Fault> {
        let mut place = url::judge_redirect(target, "/robots.txt", &self.config.ports)?;
        for _ in 0..=MOST_REDIRECTS {
            let answer = exchange::get(&self.connector, &place, &self.config.user_agent).await?;
            if let Some(next) = self.redirect(tenant, &place, &answer)? {
                place = next;
                continue;
            }
            return match answer.status.as_u16() {
                200..=299 => {
                    let body = answer.read(robots::MOST_BYTES).await?;
                    let text = String::from_utf8_lossy(&body.bytes);
                    Ok((Robots::parse(&text, self.robot_name()), body.bytes.len()))
                }
                500..=599 => Err(Fault::blocked(
                    Reason::Robots,
                    "the site cannot say at present what robots may fetch",
                )),
                _ => Ok((Robots::none(), 0)),
            };
        }
        Ok((Robots::none(), 0))
    }

    /// The name that rules for this robot have: the user agent without its version.
    fn robot_name(&self) -> &str {
        let agent = self.config.user_agent.to_str().unwrap_or_default();
        agent.split(['/', ' ']).next().unwrap_or_default()
    }
}
