namespace Crpbot.Codecs.Captures;

/// <summary>A body whose hash is right and whose content is impossible. Becomes a <see cref="CaptureDamage"/>, never leaves the reader.</summary>
internal sealed class MalformedBlockException(string message) : Exception(message);
