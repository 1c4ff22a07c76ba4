namespace Crpbot.Codecs.Tests.Venues.Reference;

/// <summary>Thrown by the reference parsers, which can afford it.</summary>
public sealed class RefusalException(string reason) : Exception(reason);
