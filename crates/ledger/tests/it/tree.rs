//! The tree against a foreign implementation and against the definition of RFC 6962.

use habeas_ledger::Hash;
use habeas_ledger::merkle::{
    EMPTY_ROOT, Edge, check_consistency, check_inclusion, edge, leaf_hash, node_hash, prove_consistency, prove_inclusion, root,
    root_of_leaves,
};
use habeas_ledger::tile::{Files, Kind, Tile, TileHashes, bundle, entries, new_tiles, tile_bytes, tiles_of};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|place| leaf_hash(&place.to_be_bytes())).collect()
}

/// RFC 6962 section 2.1, word by word.
fn by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let left = leaves.len().next_power_of_two() / 2;
            node_hash(&by_definition(&leaves[..left]), &by_definition(&leaves[left..]))
        }
    }
}

#[test]
fn a_log_without_entries_has_the_hash_of_nothing_as_root() {
    assert_eq!(EMPTY_ROOT, Hash::of(b""));
    assert_eq!(Edge::new().root(), EMPTY_ROOT);
}

#[test]
fn the_edge_gives_the_root_of_the_definition_at_every_size() {
    let all = leaves(600);
    let mut growing = Edge::new();
    for size in 0..all.len() {
        assert_eq!(growing.root(), by_definition(&all[..size]), "{size}");
        assert_eq!(Edge::from_bytes(&growing.to_bytes()).as_ref(), Ok(&growing));
        assert_eq!(edge(&all, size as u64).as_ref(), Ok(&growing));
        growing.push(all[size]);
    }
}

#[test]
fn every_proof_of_small_logs_holds_and_none_holds_for_another_place() {
    let all = leaves(40);
    for size in 1..=40u64 {
        let now = root(&all, size).expect("stored");
        for index in 0..size {
            let path = prove_inclusion(&all, index, size).expect("a proof");
            for claimed in 0..size {
                let leaf = all[usize::try_from(index).expect("small")];
                assert_eq!(check_inclusion(claimed, size, &leaf, &path, &now).is_ok(), claimed == index, "{index} as {claimed} of {size}");
            }
        }
        for old in 0..=size {
            let path = prove_consistency(&all, old, size).expect("a proof");
            let before = root(&all, old).expect("stored");
            check_consistency(old, size, &before, &now, &path).expect("it holds");
            let other = leaf_hash(b"another past");
            assert!(check_consistency(old, size, &other, &now, &path).is_err());
            // Every log goes on from nothing.
            assert_eq!(check_consistency(old, size, &before, &other, &path).is_ok(), old == 0);
        }
    }
}

struct Stored(Vec<tlog_tiles::Hash>);

impl tlog_tiles::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).expect("small")]).collect())
    }
}

fn stored_by_cloudflare(count: u64) -> Stored {
    let mut stored = Stored(Vec::new());
    for place in 0..count {
        let fresh = tlog_tiles::stored_hashes(place, &place.to_be_bytes(), &stored).expect("hashes");
        stored.0.extend(fresh);
    }
    stored
}

fn bytes(hashes: &[tlog_tiles::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

/// A log's files in memory.
#[derive(Default)]
struct Shelf(BTreeMap<String, Vec<u8>>);

impl Files for Shelf {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, habeas_ledger::LedgerError> {
        Ok(self.0.get(path).cloned())
    }
}

fn shelf(all: &Vec<Hash>, size: u64) -> Shelf {
    let tiles = tiles_of(size).into_iter().filter(|tile| tile.kind != Kind::Entries);
    Shelf(tiles.map(|tile| (tile.to_string(), tile_bytes(&tile, all).expect("stored"))).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn proofs_are_those_of_cloudflares_crate((size, index, old) in (1u64..700).prop_flat_map(|size| (Just(size), 0..size, 1..=size))) {
        let theirs = stored_by_cloudflare(size);
        let ours = leaves(size);
        prop_assert_eq!(root(&ours, size).expect("stored").0, tlog_tiles::tree_hash(size, &theirs).expect("a root").0);
        let path = tlog_tiles::prove_record(size, index, &theirs).expect("a proof");
        prop_assert_eq!(prove_inclusion(&ours, index, size).expect("a proof"), bytes(&path));
        let path = tlog_tiles::prove_tree(size, old, &theirs).expect("a proof");
        prop_assert_eq!(prove_consistency(&ours, old, size).expect("a proof"), bytes(&path));
    }

    #[test]
    fn hashes_noted_while_appending_are_all_that_proofs_need(size in 1u64..900) {
        let all = leaves(size);
        let mut noted = BTreeMap::new();
        let mut growing = Edge::new();
        for leaf in &all {
            growing.push_noting(*leaf, |level, index, hash| { noted.insert((level, index), hash); });
        }
        for ((level, index), hash) in noted {
            prop_assert_eq!(habeas_ledger::merkle::Hashes::hash(&all, level, index), Ok(hash));
        }
    }

    #[test]
    fn a_log_on_disk_gives_the_same_proofs_as_one_in_memory(
        (size, index, old) in (1u64..70_000).prop_flat_map(|size| (Just(size), 0..size, 1..=size)),
    ) {
        let all = leaves(size);
        let files = shelf(&all, size);
        let tiles = TileHashes::new(&files, size);
        let now = root(&tiles, size).expect("stored");
        prop_assert_eq!(now, root_of_leaves(&all));
        let path = prove_inclusion(&tiles, index, size).expect("a proof");
        prop_assert!(check_inclusion(index, size, &all[usize::try_from(index).expect("small")], &path, &now).is_ok());
        let path = prove_consistency(&tiles, old, size).expect("a proof");
        prop_assert!(check_consistency(old, size, &root(&all, old).expect("stored"), &now, &path).is_ok());
    }

    #[test]
    fn a_tiles_path_has_one_spelling(index in 0u64..2_000_000_000, level in 0u8..64, width in 1u32..=256) {
        for kind in [Kind::Entries, Kind::Hashes(level)] {
            let tile = Tile { kind, index, width };
            prop_assert_eq!(Tile::parse(&tile.to_string()), Ok(tile));
        }
        // Theirs names the height of a tile after `tile/`.
        let ours = Tile { kind: Kind::Hashes(level), index, width }.to_string();
        let theirs = tlog_tiles::Tile::from_path(&ours.replacen("tile/", "tile/8/", 1));
        prop_assert!(theirs.is_ok_and(|theirs| (theirs.level(), theirs.level_index(), theirs.width()) == (level, index, width)));
    }

    #[test]
    fn any_text_is_a_tiles_path_or_refused(path in "tile/(entries|[0-9]{1,3})/(x?[0-9]{1,4}/){0,3}[0-9]{1,4}(\\.p/[0-9]{1,4})?") {
        if let Ok(tile) = Tile::parse(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn what_grows_is_written_again_and_nothing_else(old in 0u64..3000, more in 0u64..3000) {
        let new = old + more;
        let written: Vec<Tile> = new_tiles(old, new);
        let before = tiles_of(old);
        let missing: Vec<Tile> = tiles_of(new).into_iter().filter(|tile| !before.contains(tile)).collect();
        prop_assert_eq!(written, missing);
    }

    #[test]
    fn a_bundle_is_read_as_it_was_written(
        held in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        cut in 1usize..10,
    ) {
        let written = bundle(held.iter().map(Vec::as_slice)).expect("short entries");
        let width = u32::try_from(held.len()).expect("few");
        prop_assert_eq!(entries(&written, width).expect("a bundle"), held.iter().map(Vec::as_slice).collect::<Vec<_>>());
        if written.len() >= cut {
            prop_assert!(entries(&written[..written.len() - cut], width).is_err());
        }
    }

    #[test]
    fn an_edge_of_any_bytes_is_refused_or_written_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(edge) = Edge::from_bytes(&bytes) {
            prop_assert_eq!(edge.to_bytes(), bytes);
        }
    }
}
