using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Finds prices that lie far from both their neighbours, on the same side of them. Reported only: a large move is data.</summary>
internal sealed class JumpCheck(Instrument instrument, double share, FindingSink sink)
{
    private Point _before;
    private Point _middle;
    private int _count;

    /// <summary>Where the jumps are, the first hundred, for the chart.</summary>
    public List<(UnixNanos Time, long Ticks)> Jumps { get; } = [];

    public void Add(in MarketEvent e)
    {
        var next = new Point(e.Price.Ticks, e.ReceiveTime, sink.Line);
        if (_count++ >= 2 && IsFar(_middle.Ticks, _before.Ticks) && IsFar(_middle.Ticks, next.Ticks) && _middle.Ticks > _before.Ticks == _middle.Ticks > next.Ticks)
        {
            sink.AddAt(FindingCode.PriceJump, _middle.Time, _middle.Line,
                $"{instrument.Name}: a trade at {Word(_middle)} between {Word(_before)} and {Word(next)}");
            if (Jumps.Count < 100)
                Jumps.Add((_middle.Time, _middle.Ticks));
        }

        (_before, _middle) = (_middle, next);
    }

    private string Word(in Point point) => instrument.Format(new Price(point.Ticks));

    private bool IsFar(long a, long b) => Math.Abs(a - (double)b) > share * b;

    private readonly record struct Point(long Ticks, UnixNanos Time, long Line);
}
