//! What plugins make of the bytes of an import before they go to the stores.
//!
//! Bytes that are to be changed are taken into the staging area first, and held against all that
//! is expected of them: nothing is unpacked, and no other program sees anything, that is not what
//! its owner or its publisher said. What is made of them goes the way of all bytes, and what is
//! known of the image are the digests of that.

use std::{fs::File, path::Path, time::Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    convertible::{self, Convertible},
    run::Run,
    staged::Staged,
    unpacked,
};
use crate::{
    convert::{Conversion, ConvertError},
    domain::{Digest, Digests, ExpectedDigests, Image, ImageId, ImportMethod, Mismatch, Original},
    inspect::Format,
    service::{
        ImportPlugin, PluginError, ServiceError,
        data::Promised,
        diagnosis::Evidence,
        figures::{self, Occasion},
        quota::{Arrival, Purpose, metered},
    },
    store::{Received, StoreError},
    stream::{Incoming, Outgoing, limit, take_in},
    unpack::{self, Packing},
};

/// Bytes that are ready for the stores.
pub(super) struct Ready {
    pub(super) source: Incoming,
    pub(super) promised: Promised,
    /// The image as it will be with them.
    pub(super) image: Image,
    /// The one format that they must have, whatever was declared.
    pub(super) only: Option<Format>,
    /// How many bytes lie staged meanwhile, if the bytes were taken there.
    pub(super) staged: Option<u64>,
    /// What the bytes are made of, if they are made of others.
    pub(super) original: Option<Original>,
    /// The files that `source` reads.
    pub(super) kept: Vec<Box<dyn Received>>,
}

/// Where the bytes are between two plugins.
enum Data {
    File(Box<dyn Received>),
    Flow(Incoming),
}

/// An import whose bytes are being changed.
struct Work<'a> {
    run: &'a Run,
    image: Image,
    original: Original,
    data: Data,
    only: Option<Format>,
    kept: Vec<Box<dyn Received>>,
}

impl Run {
    /// Lets the plugins work on the bytes of `source`, which are to be what is `promised`.
    pub(super) async fn prepare(
        &self,
        image: &Image,
        source: Incoming,
        promised: Promised,
    ) -> Result<Ready, ServiceError> {
        let plugins = &self.core.parts.settings.plugins;
        let mut only = None;
        let mut is_changed = false;
        if plugins.has(ImportPlugin::ImageConversion) {
            match convertible::of(image, plugins.output_format)? {
                Convertible::From(..) => is_changed = true,
                Convertible::Already => only = Some(plugins.output_format),
                Convertible::Left => {}
            }
        }
        let mut source = source;
        if plugins.has(ImportPlugin::ImageDecompression) {
            let (head, whole) = head(source).await?;
            source = whole;
            is_changed |= unpacked::packing(image, &head).is_some();
        }
        if !is_changed {
            return Ok(Ready {
                source,
                promised,
                image: image.clone(),
                only,
                staged: None,
                original: None,
                kept: Vec::new(),
            });
        }
        let mut work = self.take_original(image, source, &promised).await?;
        for plugin in &plugins.order {
            match plugin {
                ImportPlugin::NoOp | ImportPlugin::InjectImageMetadata => {}
                ImportPlugin::ImageDecompression => work.unpack().await?,
                ImportPlugin::ImageConversion => work.convert().await?,
            }
        }
        work.end(promised).await
    }

    /// Takes the bytes into the staging area, unless they lie there, and holds them against what
    /// is promised of them.
    async fn take_original(
        &self,
        image: &Image,
        source: Incoming,
        promised: &Promised,
    ) -> Result<Work<'_>, ServiceError> {
        let (parts, begun) = (&self.core.parts, Instant::now());
        let algorithms = self.core.algorithms(image, &promised.digests);
        let running = parts.hashers.start(&algorithms)?;
        let (file, pending): (Box<dyn Received>, _) =
            if self.task.import.method == ImportMethod::GlanceDirect {
                let (mut tapped, pending) = running.tap(source);
                while let Some(frame) = tapped.next().await {
                    frame.map_err(StoreError::Interrupted)?;
                }
                (Box::new(Staged::of(self).await?), pending)
            } else {
                // What an earlier attempt left, which may have stopped anywhere.
                parts.staging.delete_unpublished(image.id).await?;
                let cap = parts.settings.image_size_cap;
                let limited = limit(source, cap, self.progress.clone());
                let arrival = Arrival {
                    image: image.id,
                    holder: self.holder,
                    purpose: Purpose::Fetch,
                    size: promised.size,
                    copies: 1,
                    beside: 0,
                };
                let meter = self.meter(image, arrival);
                let (tapped, pending) = running.tap(metered(limited, meter.await?.as_ref()));
                let received = parts.staging.receive(image.id, Box::pin(tapped));
                (received.await?, pending)
            };
        let (size, digests) = pending.join().await?;
        let names = digests.iter().map(Digest::algorithm);
        figures::note_hashed(Occasion::Import, names, size, begun.elapsed());
        figures::note_verdicts(Occasion::Import, &promised.digests, &digests);
        self.held_to(image.id, promised, &*file, (size, &digests))
            .await?;
        Ok(Work {
            run: self,
            image: image.clone(),
            original: Original {
                size,
                digests,
                forms: Vec::new(),
            },
            data: Data::File(file),
            only: None,
            kept: Vec::new(),
        })
    }

    /// Reserves the `size` bytes that will be stored, before any of them are written, while `beside`
    /// lie staged.
    async fn reserve_change(
        &self,
        image: &Image,
        size: u64,
        beside: u64,
    ) -> Result<(), ServiceError> {
        let arrival = Arrival {
            image: image.id,
            holder: self.holder,
            purpose: Purpose::Change,
            size: Some(size),
            copies: self.task.import.stores.len() as u64,
            beside,
        };
        self.meter(image, arrival).await?;
        Ok(())
    }

    /// Holds what was found of the bytes of `file` against what is promised.
    async fn held_to(
        &self,
        id: ImageId,
        promised: &Promised,
        file: &dyn Received,
        (size, digests): (u64, &Digests),
    ) -> Result<(), ServiceError> {
        let mismatch = match promised.size.filter(|expected| *expected != size) {
            Some(expected) => Mismatch::Size {
                expected,
                actual: size,
            },
            None => match promised.digests.verify(digests) {
                Ok(()) => return Ok(()),
                Err(mismatch) => mismatch,
            },
        };
        let evidence = Evidence {
            image: id,
            sender: &self.sender(),
            received: file,
            size,
            digests,
        };
        Err(self.core.explained(mismatch, evidence).await)
    }
}

impl Work<'_> {
    /// Takes off what the bytes are packed in, if they are.
    async fn unpack(&mut self) -> Result<(), ServiceError> {
        let Data::File(file) = &self.data else {
            // Nothing that was made here is packed.
            return Ok(());
        };
        let (head, _) = head(take_in(reopened(&**file).await?)).await?;
        let Some(packing) = unpacked::packing(&self.image, &head) else {
            return Ok(());
        };
        let inside = match packing {
            Packing::Compressed(form) => unpack::decompress(form, reopened(&**file).await?),
            Packing::Zip => unpack::unzip(opened(&**file)?),
            Packing::Lha => unpack::unlha(opened(&**file)?),
        };
        let inside = inside.map_err(ServiceError::internal)?;
        let ratio = self.run.core.parts.settings.plugins.max_ratio;
        let inside = unpacked::bounded(inside, packing, file.size(), ratio);
        if let Data::File(file) = std::mem::replace(&mut self.data, Data::Flow(inside)) {
            self.kept.push(file);
        }
        self.original.forms.push(packing.to_string());
        Ok(())
    }

    /// Turns the disk into the format in which disks are stored.
    async fn convert(&mut self) -> Result<(), ServiceError> {
        let parts = &self.run.core.parts;
        let to = parts.settings.plugins.output_format;
        let (format, word) = match convertible::of(&self.image, to)? {
            Convertible::Left => return Ok(()),
            Convertible::Already => {
                self.only = Some(to);
                return Ok(());
            }
            Convertible::From(format, word) => (format, word),
        };
        let id = self.image.id;
        let source = self.take_file().await?;
        let rules = &parts.settings.inspection;
        let largest = parts.settings.image_size_cap;
        let found = convertible::look(reopened(&*source).await?).await?;
        convertible::judge(&found, format, rules)?;
        let size = found.find(format).and_then(|found| found.virtual_size);
        if let Some(size) = size.filter(|_| to == Format::Raw) {
            if size > largest {
                return Err(ServiceError::TooLarge(largest));
            }
            let (run, beside) = (self.run, self.original.size);
            run.reserve_change(&self.image.clone(), size, beside)
                .await?;
        }
        let target = parts.staging.receive(id, Box::pin(stream::empty())).await?;
        let converter = parts.converter.as_ref();
        let converter =
            converter.ok_or_else(|| ServiceError::internal("nothing converts images"))?;
        let conversion = Conversion {
            source: path(&*source)?,
            from: word,
            target: path(&*target)?,
            to: to.as_str(),
            options: convertible::options(to, rules),
            largest,
        };
        let ended = converter.convert(&conversion).await;
        ended.map_err(|reason| match reason {
            ConvertError::NotStarted(_) => ServiceError::internal(reason),
            reason => PluginError::Conversion { to, reason }.into(),
        })?;
        drop(source);
        let file = tokio::fs::File::open(path(&*target)?).await;
        let file = file.map_err(ServiceError::internal)?;
        self.data = Data::Flow(take_in(convertible::read(file)));
        self.kept = vec![target];
        self.original.forms.push(format.to_string());
        self.only = Some(to);
        self.image.disk_format = Some(to.to_string());
        self.image.container_format = Some("bare".into());
        Ok(())
    }

    /// The bytes as a file.
    async fn take_file(&mut self) -> Result<Box<dyn Received>, ServiceError> {
        let parts = &self.run.core.parts;
        let empty: Incoming = Box::pin(stream::empty());
        match std::mem::replace(&mut self.data, Data::Flow(empty)) {
            Data::File(file) => Ok(file),
            Data::Flow(bytes) => {
                let cap = parts.settings.image_size_cap;
                let progress = self.run.progress.clone();
                let limited = limit(bytes, cap, progress);
                let file = parts.staging.receive(self.image.id, limited).await?;
                self.kept.clear();
                Ok(file)
            }
        }
    }

    /// The bytes as they are now, and what is to be written down of them.
    async fn end(mut self, promised: Promised) -> Result<Ready, ServiceError> {
        let size = self.original.size;
        let is_changed = !self.original.forms.is_empty();
        let source = match self.data {
            Data::Flow(bytes) => bytes,
            Data::File(file) => {
                let bytes = take_in(reopened(&*file).await?);
                self.kept.push(file);
                bytes
            }
        };
        let promised = if is_changed {
            Promised {
                size: None,
                digests: ExpectedDigests::default(),
                ..promised
            }
        } else {
            promised
        };
        Ok(Ready {
            source,
            promised,
            image: self.image,
            only: self.only,
            staged: Some(size),
            original: is_changed.then_some(self.original),
            kept: self.kept,
        })
    }
}

/// The first bytes of `source`, and all of it.
async fn head(mut source: Incoming) -> Result<(Vec<u8>, Incoming), ServiceError> {
    let (mut head, mut frames) = (Vec::new(), Vec::new());
    while head.len() < Packing::HEAD {
        let frame = source.try_next().await;
        let Some(frame) = frame.map_err(StoreError::Interrupted)? else {
            break;
        };
        let wanted = frame.len().min(Packing::HEAD - head.len());
        head.extend_from_slice(&frame[..wanted]);
        frames.push(Ok(frame));
    }
    Ok((head, Box::pin(stream::iter(frames).chain(source))))
}

async fn reopened(file: &dyn Received) -> Result<Outgoing, ServiceError> {
    let reopened = file.reopen().await?;
    reopened.ok_or_else(|| ServiceError::internal("the staging area gives nothing back"))
}

fn opened(file: &dyn Received) -> Result<File, ServiceError> {
    File::open(path(file)?).map_err(ServiceError::internal)
}

fn path(file: &dyn Received) -> Result<&Path, ServiceError> {
    let path = file.path();
    path.ok_or_else(|| ServiceError::internal("the staging area has no files"))
}
