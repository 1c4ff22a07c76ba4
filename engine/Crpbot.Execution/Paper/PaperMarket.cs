using Crpbot.MarketData;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution.Paper;

/// <summary>One Instrument at the paper venue: its book, what was taken from it, and the position held there with its stop and target.</summary>
internal sealed class PaperMarket(InstrumentTerms terms)
{
    public readonly InstrumentTerms Terms = terms;
    public readonly BookBuilder Builder = new();
    public readonly TakenLiquidity Taken = new();

    /// <summary>Last sign of life of the book's channel.</summary>
    public UnixNanos LastAlive;
    public bool HasHeartbeats;

    /// <summary>The book was touched since it was last matched.</summary>
    public bool Changed;

    /// <summary>A BookClear has come and its message has not ended.</summary>
    public bool InSnapshot;

    /// <summary>Signed lots held at the venue.</summary>
    public long Held;
    public Price Stop;
    public Price Target;
    public bool StopTriggered;
    public bool TargetTriggered;

    public bool IsReadable => Builder.IsReadable && !Builder.InMessage;

    public void Reset()
    {
        Builder.Reset();
        Taken.Clear();
        LastAlive = default;
        HasHeartbeats = Changed = InSnapshot = false;
        Flat();
    }

    /// <summary>Nothing is held: the attached stop and target are gone with it.</summary>
    public void Flat()
    {
        Held = 0;
        Stop = Target = default;
        StopTriggered = TargetTriggered = false;
    }
}
