using Crpbot.Messages;

namespace Crpbot.Codecs;

/// <summary>Turns one venue message after another into MarketEvents, keeping what the venue's protocol needs between them.</summary>
/// <remarks>
/// Owned by one receiving thread; one instance a connection. Allocates nothing once every symbol was seen and the largest snapshot
/// has passed. A refused message leaves both the buffer and the parser's state as they were.
/// </remarks>
public interface IVenueParser
{
    /// <summary>Deltas left out so far because their book had no snapshot yet, or was already ahead of them.</summary>
    long Dropped { get; }

    /// <summary>Appends the message's events, <see cref="MarketEventFlags.LastInMessage"/> on the last of each atomic group.</summary>
    /// <param name="message">One whole UTF-8 JSON document.</param>
    /// <param name="receiveTime">Copied to every event.</param>
    /// <param name="output">Receives the events; Gap events stand before the message that revealed them. Publish them whatever the result:
    /// a message of an Unknown type may still have revealed a Gap, and an Invalid one leaves nothing.</param>
    ParseResult Parse(ReadOnlySpan<byte> message, UnixNanos receiveTime, MarketEventBuffer output);

    /// <summary>Appends a Disconnect for each Instrument seen and forgets sequences and books: the next book must be a snapshot.</summary>
    void Disconnected(UnixNanos receiveTime, MarketEventBuffer output);

    /// <summary>Makes the parser as good as new, counters included, but keeps its memory: for another pass over the same input.</summary>
    void Reset();
}
