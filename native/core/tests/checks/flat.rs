//! Chunks laid out row by row, so that two sweeps can be compared whatever chunks they made.

use kinspect_core::columns::Chunk;
use kinspect_core::finding::Finding;

/// All that a sweep gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Flat {
    pub batches: Vec<Batch>,
    pub records: Vec<Record>,
    /// How many records there are, also where no column was asked for.
    pub count: usize,
    pub looked_at: u64,
    pub findings: Vec<Finding>,
}

/// One row of the batch table.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    pub position: i64,
    pub size: i64,
    pub base_offset: Option<i64>,
    pub last_offset: i64,
    pub records_count: Option<i32>,
    pub magic: i8,
    pub attributes: i16,
    pub crc_ok: Option<bool>,
    rest: (u32, i32, i64, i16, i32, i64, i64),
}

/// Timestamp, sequence, control type and message CRC, as far as they are there.
type Rest = (Option<i64>, Option<i32>, Option<Option<i16>>, Option<Option<u32>>);

/// Key and value.
type Header = (Vec<u8>, Option<Vec<u8>>);

/// One row of the record stream; what was not asked for is None.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// Among all batches of the sweep.
    pub batch: Option<usize>,
    pub offset: Option<i64>,
    pub key: Option<Option<Vec<u8>>>,
    pub value: Option<Option<Vec<u8>>>,
    pub damaged: Option<bool>,
    rest: Rest,
    headers: Option<Vec<Header>>,
}

impl Flat {
    /// Where two sweeps begin to differ, in words.
    pub fn difference(&self, other: &Self) -> String {
        let counts = |flat: &Self| (flat.batches.len(), flat.count, flat.looked_at, flat.findings.len());
        let batch = self.batches.iter().zip(&other.batches).find(|(one, two)| one != two);
        let record = self.records.iter().zip(&other.records).find(|(one, two)| one != two);
        let finding = self.findings.iter().zip(&other.findings).find(|(one, two)| one != two);
        format!("{:?}, {:?}\n{batch:#?}\n{record:#?}\n{finding:#?}", counts(self), counts(other))
    }

    /// Adds the rows of a chunk.
    pub fn add(&mut self, chunk: &Chunk) {
        let (before, last) = (self.batches.len(), chunk.batches.len().wrapping_sub(1));
        let behind = chunk.batches.position.get(last).map_or(0, |position| position + chunk.batches.batch_bytes[last]);
        assert!(chunk.end >= behind as u64, "a chunk ends behind its last batch");
        self.batches.extend((0..chunk.batches.len()).map(|row| batch(chunk, row)));
        if !is_counted_only(chunk) {
            self.records.extend((0..chunk.records.len).map(|row| record(chunk, row, before)));
        }
        self.count += chunk.records.len;
        self.looked_at += chunk.looked_at;
        self.findings.extend(chunk.findings.iter().cloned());
    }
}

fn is_counted_only(chunk: &Chunk) -> bool {
    chunk.records.batch.is_empty() && chunk.records.offset.is_empty() && chunk.records.key.is_empty()
}

fn batch(chunk: &Chunk, row: usize) -> Batch {
    let batches = &chunk.batches;
    Batch {
        position: batches.position[row],
        size: batches.batch_bytes[row],
        base_offset: batches.base_offset.get(row),
        last_offset: batches.last_offset[row],
        records_count: batches.records_count.get(row),
        magic: batches.magic[row],
        attributes: batches.attributes[row],
        crc_ok: batches.crc_ok_validity.get(row).then(|| batches.crc_ok.get(row)),
        rest: (
            batches.crc[row],
            batches.partition_leader_epoch[row],
            batches.producer_id[row],
            batches.producer_epoch[row],
            batches.base_sequence[row],
            batches.base_timestamp[row],
            batches.max_timestamp[row],
        ),
    }
}

fn record(chunk: &Chunk, row: usize, before: usize) -> Record {
    let records = &chunk.records;
    let owned = |payload: Option<&[u8]>| payload.map(<[u8]>::to_vec);
    let headers = |row| {
        let header = |one| (records.headers.keys.get(one).unwrap().to_vec(), owned(records.headers.values.get(one)));
        records.headers.range(row).map(header).collect()
    };
    Record {
        batch: records.batch.get(row).map(|batch| before + usize::try_from(*batch).unwrap()),
        offset: records.offset.get(row).copied(),
        key: (row < records.key.len()).then(|| owned(records.key.get(row))),
        value: (row < records.value.len()).then(|| owned(records.value.get(row))),
        damaged: (row < records.damaged.len).then(|| records.damaged.get(row)),
        rest: (
            records.timestamp.get(row).copied(),
            records.sequence.get(row).copied(),
            (row < records.control_type.values.len()).then(|| records.control_type.get(row)),
            (row < records.message_crc.values.len()).then(|| records.message_crc.get(row)),
        ),
        headers: (row + 1 < records.headers.offsets.len()).then(|| headers(row)),
    }
}
