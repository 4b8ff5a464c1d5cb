"""One trace for a request and the work that it started; how work goes, and how much of it waits."""
