# The packages of the plm tools, for servers that run tools in containers, on processors.
#   docker build --file deploy/containers/cpu.Dockerfile --tag plmkit-cpu:0.1.0 deploy/containers
# plmkit itself is not inside: it lies beside the wrappers until these require its conda package.
FROM mambaorg/micromamba:2.5.0 AS packages
# no build for CUDA, whatever machine this runs on
ENV CONDA_OVERRIDE_CUDA=""
USER root
COPY environment.yml /tmp/environment.yml
RUN micromamba create --yes --prefix /opt/plm --file /tmp/environment.yml \
    && chmod -R a+rX /opt/plm \
    && /opt/plm/bin/python -c "import torch; assert torch.version.cuda is None, 'a build for CUDA was installed'"

FROM debian:12-slim
COPY --from=packages /opt/plm /opt/plm
# No activation: Galaxy starts a shell of its own, Singularity runs no entry point. A job may come with a user id
# that nobody knows, without a home, onto a read-only image: hence the folders below /tmp.
ENV PATH=/opt/plm/bin:$PATH \
    LANG=C.UTF-8 \
    HF_HUB_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONNOUSERSITE=1 \
    HOME=/tmp \
    NUMBA_CACHE_DIR=/tmp/numba-cache \
    MPLCONFIGDIR=/tmp/matplotlib \
    TORCHINDUCTOR_CACHE_DIR=/tmp/torchinductor
USER 1000:1000
CMD ["bash"]
