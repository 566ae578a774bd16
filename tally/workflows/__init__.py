"""Arazzo documents: workflows over operations of several services, as frozen values. Nothing here is sent."""
