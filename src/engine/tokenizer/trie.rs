//! All keys that a text begins with, found in one walk.
//!
//! In: byte strings with a number each, once; then texts. Out: length and number of every key that is a prefix. Knows
//! nothing of pieces, scores or characters.

/// A prefix tree over bytes. The children of a node lie side by side, sorted by label.
#[derive(Debug, Default)]
pub struct Trie {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    label: u8,
    children: u16,
    first_child: u32,
    value: Option<u32>,
}

impl Trie {
    /// The tree of `keys`. Empty keys are never found; of equal keys one is kept.
    pub fn new(mut keys: Vec<(&[u8], u32)>) -> Self {
        keys.retain(|(key, _)| !key.is_empty());
        // By the first eight bytes as one number: nearly always enough, and the keys themselves lie all over memory.
        keys.sort_by_cached_key(|(key, _)| {
            let mut start = [0; 8];
            let length = key.len().min(8);
            start[..length].copy_from_slice(&key[..length]);
            (u64::from_be_bytes(start), *key)
        });
        keys.dedup_by_key(|(key, _)| *key);
        let mut nodes = vec![Node { label: 0, children: 0, first_child: 0, value: None }];
        // Breadth first: `spans[n]` are the keys below node `n`, which agree in their first `depth` bytes.
        let mut spans = vec![(keys.as_slice(), 0)];
        let mut at = 0;
        while let Some(&(mut below, depth)) = spans.get(at) {
            if let Some(((key, value), rest)) = below.split_first()
                && key.len() == depth
            {
                nodes[at].value = Some(*value);
                below = rest;
            }
            let first_child = nodes.len();
            while let Some((key, _)) = below.first() {
                let label = key[depth];
                let (same, rest) = below.split_at(below.partition_point(|(key, _)| key[depth] == label));
                nodes.push(Node { label, children: 0, first_child: 0, value: None });
                spans.push((same, depth + 1));
                below = rest;
            }
            nodes[at].first_child = first_child as u32;
            nodes[at].children = (nodes.len() - first_child) as u16;
            at += 1;
        }
        Self { nodes }
    }

    /// Length and number of each key that `text` begins with, shortest first.
    pub fn prefixes<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, u32)> + 'a {
        let mut node = self.nodes.first();
        text.iter()
            .map_while(move |byte| {
                let parent = node?;
                let first = parent.first_child as usize;
                let children = self.nodes.get(first..first + usize::from(parent.children))?;
                node = children.binary_search_by_key(byte, |child| child.label).ok().map(|child| &children[child]);
                node
            })
            .enumerate()
            .filter_map(|(index, node)| Some((index + 1, node.value?)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_every_key_that_is_a_prefix(
            keys in proptest::collection::btree_map("[abä]{1,4}", 0u32..100, 0..20),
            text in "[abäc]{0,8}",
        ) {
            let trie = Trie::new(keys.iter().map(|(key, value)| (key.as_bytes(), *value)).collect());
            let mut expected: Vec<(usize, u32)> =
                keys.iter().filter(|(key, _)| text.starts_with(*key)).map(|(key, value)| (key.len(), *value)).collect();
            expected.sort_unstable();
            prop_assert_eq!(trie.prefixes(text.as_bytes()).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn an_empty_tree_finds_nothing() {
        assert_eq!(Trie::default().prefixes(b"a").count(), 0);
        assert_eq!(Trie::new(vec![(b"", 1)]).prefixes(b"a").count(), 0);
    }
}
