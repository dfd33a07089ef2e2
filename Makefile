# Thin on purpose: scripts/tasks.sh does the work, so that a machine without make can use it too.
.PHONY: setup refresh test test-long check methods serve clean
setup refresh test test-long check methods serve clean:
	@scripts/tasks.sh $@
