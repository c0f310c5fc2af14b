"""Every option of every command: a field is an option, a Python argument and an entry of run.json.

The text under a field is the option's help. Rules between options stand in `__post_init__`.
"""

from plmkit.config.chunk import ChunkConfig
from plmkit.config.embed import EmbedConfig
from plmkit.config.evaluate import EvaluateConfig
from plmkit.config.explain import ExplainConfig
from plmkit.config.finetune import FinetuneConfig
from plmkit.config.install import InstallConfig
from plmkit.config.join import JoinConfig
from plmkit.config.predict import PredictConfig
from plmkit.config.pretrain import PretrainConfig
from plmkit.config.project import ProjectConfig
from plmkit.config.ptm import PtmConfig
from plmkit.config.search import SearchConfig
from plmkit.config.sites import SitesConfig
from plmkit.config.split import SplitConfig
from plmkit.config.summarise import SummariseConfig

__all__ = [
    "ChunkConfig",
    "EmbedConfig",
    "EvaluateConfig",
    "ExplainConfig",
    "FinetuneConfig",
    "InstallConfig",
    "JoinConfig",
    "PredictConfig",
    "PretrainConfig",
    "ProjectConfig",
    "PtmConfig",
    "SearchConfig",
    "SitesConfig",
    "SplitConfig",
    "SummariseConfig",
]
