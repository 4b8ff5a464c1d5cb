"""Tells where services stand: releases behind their template, drift from it, what is unresolved."""
