using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>Which part of a recording is wanted.</summary>
/// <param name="From">First ReceiveTime, inclusive.</param>
/// <param name="To">ReceiveTime to end before.</param>
/// <param name="Symbol">Upper-case; null for all. Events that concern all Instruments always pass.</param>
public readonly record struct ReadRange(UnixNanos From, UnixNanos To, string? Symbol = null)
{
    public static readonly ReadRange All = new(new(long.MinValue), new(long.MaxValue));

    public bool Contains(UnixNanos receiveTime) => receiveTime >= From && receiveTime < To;
}
