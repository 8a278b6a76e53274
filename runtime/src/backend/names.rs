//! Looking up the names of services: each at most once at a time, however many calls ask for it.
//!
//! The system's lookup cannot be given up and takes a thread until it ends. If each call began one of its own, a few
//! hundred calls of a service whose name is not answered would hold all threads that there are for such things, and
//! with them the lookups of every other service.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The addresses of a name, or why there are none.
type Found = Result<Arc<[SocketAddr]>, Arc<io::Error>>;

/// Looks names up by some means.
type Lookup = dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync;

/// The resolver of all services.
#[derive(Clone)]
pub(super) struct Names {
    lookup: Arc<Lookup>,
    under_way: Arc<Mutex<HashMap<String, Shared<BoxFuture<'static, Found>>>>>,
}

impl Names {
    /// By the means of the system.
    pub(super) fn of_system() -> Self {
        Self::by(|name| {
            async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) }.boxed()
        })
    }

    fn by(
        lookup: impl Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync + 'static,
    ) -> Self {
        Self { lookup: Arc::new(lookup), under_way: Arc::default() }
    }

    /// The lookup of a name that is under way, or a new one. It ends by itself, whoever waits for it.
    fn find(&self, name: &str) -> Shared<BoxFuture<'static, Found>> {
        let mut under_way = self.under_way();
        if let Some(found) = under_way.get(name) {
            return found.clone();
        }
        let (names, of_task) = (self.clone(), name.to_owned());
        let task = tokio::spawn(async move {
            let found = (names.lookup)(of_task.clone()).await;
            // Whoever comes from now on looks anew.
            names.under_way().remove(&of_task);
            found.map(Arc::from).map_err(Arc::new)
        });
        let found = async { task.await.unwrap_or_else(|error| Err(Arc::new(io::Error::other(error)))) };
        let found = found.boxed().shared();
        under_way.insert(name.to_owned(), found.clone());
        found
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<String, Shared<BoxFuture<'static, Found>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.find(name.as_str());
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = found.await?.iter().copied().collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Names")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;

    /// Finds nothing under `slow` until there is a permit, and one address under all else.
    fn names() -> (Names, Arc<Semaphore>, Arc<AtomicUsize>) {
        let (gate, lookups) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let (of_lookup, count) = (Arc::clone(&gate), Arc::clone(&lookups));
        let names = Names::by(move |name| {
            let gate = Arc::clone(&of_lookup);
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                if name == "slow" {
                    gate.acquire().await.unwrap().forget();
                    return Err(io::Error::other("no answer"));
                }
                Ok(vec![([127, 0, 0, 1], 0).into()])
            }
            .boxed()
        });
        (names, gate, lookups)
    }

    fn resolve(names: &Names, name: &str) -> Resolving {
        names.resolve(name.parse().unwrap())
    }

    #[tokio::test]
    async fn a_name_that_hangs_takes_one_lookup_however_many_wait_or_give_up() {
        let (names, gate, lookups) = names();
        let waiting: Vec<_> = (0..300).map(|_| tokio::spawn(resolve(&names, "slow"))).collect();
        for _ in 0..300 {
            assert!(resolve(&names, "slow").now_or_never().is_none());
        }
        assert_eq!(resolve(&names, "quick").await.unwrap().count(), 1, "another name waits for it");
        assert_eq!(lookups.load(Ordering::SeqCst), 2);
        gate.add_permits(1);
        for waiting in waiting {
            assert!(waiting.await.unwrap().is_err());
        }
        assert!(resolve(&names, "slow").now_or_never().is_none(), "what was found once is looked up anew");
        tokio::task::yield_now().await;
        assert_eq!(lookups.load(Ordering::SeqCst), 3);
        assert_eq!(names.under_way().len(), 1, "what has ended is forgotten");
    }

    #[tokio::test]
    async fn the_system_knows_this_machine() {
        let addresses: Vec<_> = resolve(&Names::of_system(), "localhost").await.unwrap().collect();
        assert!(addresses.iter().any(|address| address.ip().is_loopback()), "{addresses:?}");
    }
}
