using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>Something a reader refused.</summary>
/// <param name="File">The path.</param>
/// <param name="Line">1 upwards; 0 where the form has no lines.</param>
/// <param name="What">In words, without the place.</param>
public readonly record struct Refusal(string File, long Line, string What)
{
    public RefusalKind Kind { get; init; }

    /// <summary>The parser's reason; None where no value was to blame.</summary>
    public ParseError Error { get; init; }

    /// <summary>ReceiveTime of what was refused; None where it could not be read.</summary>
    public UnixNanos Time { get; init; }

    public string Where => Line == 0 ? File : $"{File}: line {Line}";
}

/// <summary>Hears at once what readers refuse or leave out: the ear of validation.</summary>
public interface IReadingListener
{
    void Refused(in Refusal refusal);

    /// <summary>A trade was left out: one of its id was received before.</summary>
    void RepeatedTrade(in MarketEvent trade, long line);

    /// <summary>A book update was left out: it, or a later one, was received before.</summary>
    void RepeatedUpdate(UnixNanos receiveTime, long line);
}
