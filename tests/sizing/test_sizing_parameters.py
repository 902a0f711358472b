"""Parameter counts against published ones and sums in the margin."""

import pytest

from recommender.sizing import parameters


def test_grouped_query_attention_by_hand():
    # q and output 2*64 heads, k and v 2*8: (128 + 16) * 128 * 8192 = 150,994,944
    count = parameters.attention_parameters(hidden=8192, heads=64, kv_heads=8, head_dim=128)
    assert count == 150_994_944


def test_latent_attention_of_deepseek_v2_by_hand():
    count = parameters.latent_attention_parameters(
        hidden=5120, heads=128, q_lora_rank=1536, kv_lora_rank=512, nope_head_dim=128,
        rope_head_dim=64, value_head_dim=128,
    )  # fmt: skip
    # query   5120*1536 + 1536*128*192 =  7,864,320 + 37,748,736
    # latent  5120*576                 =  2,949,120
    # expand  512*128*256              = 16,777,216
    # output  128*128*5120             = 83,886,080
    assert count == 7_864_320 + 37_748_736 + 2_949_120 + 16_777_216 + 83_886_080


def test_latent_attention_without_query_compression():
    count = parameters.latent_attention_parameters(
        hidden=2048, heads=16, q_lora_rank=0, kv_lora_rank=512, nope_head_dim=128,
        rope_head_dim=64, value_head_dim=128,
    )  # fmt: skip
    # 2048*16*192 + 2048*576 + 512*16*256 + 16*128*2048
    assert count == 6_291_456 + 1_179_648 + 2_097_152 + 4_194_304


def test_feed_forward_router_embedding():
    assert parameters.feed_forward_parameters(hidden=10, intermediate=7) == 210  # 3*10*7
    plain = parameters.feed_forward_parameters(hidden=10, intermediate=7, matrices=2)
    assert plain == 140
    assert parameters.router_parameters(hidden=10, experts=8) == 80
    assert parameters.embedding_parameters(hidden=10, vocab=100) == 1000


@pytest.mark.parametrize(
    ("layers", "hidden", "heads", "intermediate", "published_b"),
    [(80, 8192, 64, 28672, 70.6), (126, 16384, 128, 53248, 405.8), (32, 4096, 32, 14336, 8.03)],
)
def test_llama_totals_as_published(layers, hidden, heads, intermediate, published_b):
    attention = parameters.attention_parameters(
        hidden=hidden, heads=heads, kv_heads=8, head_dim=128
    )
    ffn = parameters.feed_forward_parameters(hidden=hidden, intermediate=intermediate)
    embedding = parameters.embedding_parameters(hidden=hidden, vocab=128256)
    assert (layers * (attention + ffn) + 2 * embedding) / 1e9 == pytest.approx(
        published_b, rel=1e-3
    )
