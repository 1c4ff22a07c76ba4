using System.Runtime.CompilerServices;
using Crpbot.Messages;
using Crpbot.Risk;

namespace Crpbot.Execution;

/// <summary>The ledger: cash, positions at average cost, realised and unrealised profit, commissions; exact to the last unit.</summary>
/// <remarks>
/// Two books of the same account, and they agree at every moment:
/// <code>
///   equity = cash    + Σ signed lots × mark        (what was paid and received)
///   equity = balance + Σ unrealised                (what was won and is open)   balance = opening + realised − commissions
/// </code>
/// A part closed takes its share of the average cost rounded down; the rest keeps the remainder, so nothing is lost between the two.
/// One thread; allocates when it first sees an Instrument.
/// </remarks>
public sealed class Portfolio
{
    private Position[] _positions = [];
    private Notional _marketValue;

    /// <summary>Opening balance + Σ sells − Σ buys − Σ commissions.</summary>
    public Notional Cash { get; private set; }

    /// <summary>Before commissions.</summary>
    public Notional Realized { get; private set; }

    public Notional Commissions { get; private set; }

    public Notional Unrealized { get; private set; }

    public Notional Opening { get; private set; }

    /// <summary>Positions that are not flat.</summary>
    public int OpenPositions { get; private set; }

    public Notional Balance => Opening + Realized - Commissions;

    public Notional Equity => Balance + Unrealized;

    /// <summary>Σ signed lots × mark; with <see cref="Cash"/> it is the equity again.</summary>
    public Notional MarketValue => _marketValue;

    /// <summary>One more than the highest Instrument seen.</summary>
    public int InstrumentLimit => _positions.Length;

    /// <summary>Starts over with a balance and no positions.</summary>
    public void Open(Notional balance)
    {
        Opening = Cash = balance;
        Realized = Commissions = Unrealized = _marketValue = default;
        OpenPositions = 0;
        Array.Clear(_positions);
    }

    /// <summary>The Instrument's position; the default one when nothing was ever held.</summary>
    public ref readonly Position this[InstrumentId instrument] => ref Slot(instrument);

    /// <summary>Books an execution. The position's mark becomes the fill price until <see cref="Mark"/> says otherwise.</summary>
    public void Apply(in Fill fill, InstrumentTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ref Position p = ref Slot(fill.Instrument);
        long signed = fill.Side == Side.Buy ? fill.Quantity.Lots : -fill.Quantity.Lots;
        Cash += (signed > 0 ? -fill.Value : fill.Value) - fill.Commission;
        Commissions += fill.Commission;

        if (p.Lots == 0)
        {
            p = default;
            p.OpenedTime = fill.Time;
        }

        p.Commission += fill.Commission;
        if (p.Lots == 0 || (p.Lots > 0) == (signed > 0))
        {
            if (p.Lots == 0)
                OpenPositions++;
            p.Cost += fill.Value;
            p.Lots += signed;
        }
        else if (Math.Abs(signed) <= Math.Abs(p.Lots))
        {
            Reduce(ref p, Math.Abs(signed), fill.Value);
        }
        else
        {
            // Through zero: close what is held, open the rest at the same price.
            Quantity held = new(Math.Abs(p.Lots));
            Notional closing = terms.Value(fill.Price, held);
            Reduce(ref p, held.Lots, closing);
            p.Cost = fill.Value - closing;
            p.Lots = signed > 0 ? fill.Quantity.Lots - held.Lots : held.Lots - fill.Quantity.Lots;
            OpenPositions++;
        }

        SetMark(ref p, fill.Price, terms);
    }

    /// <summary>Values a position at the side one could close at.</summary>
    /// <returns>False when nothing changed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Mark(InstrumentId instrument, Price bestBid, Price bestAsk, InstrumentTerms terms)
    {
        ref Position p = ref Slot(instrument);
        Price mark = p.Lots > 0 ? bestBid : bestAsk;
        if (p.Lots == 0 || mark == p.Mark)
            return false;
        SetMark(ref p, mark, terms);
        return true;
    }

    private void Reduce(ref Position p, long lots, Notional value)
    {
        bool wasLong = p.Lots > 0;
        long held = Math.Abs(p.Lots);
        Notional share = lots == held ? p.Cost : new Notional(MultiplyDivide(p.Cost.Units, lots, held));
        Notional realized = wasLong ? value - share : share - value;
        Realized += realized;
        p.Realized += realized;
        p.Cost -= share;
        p.Lots += wasLong ? -lots : lots;
        if (p.Lots == 0)
            OpenPositions--;
    }

    private void SetMark(ref Position p, Price mark, InstrumentTerms terms)
    {
        Notional before = p.Unrealized;
        Notional valueBefore = p.MarketValue;
        p.Mark = mark;
        p.MarketValue = terms.Value(mark, new Quantity(p.Lots));
        p.Unrealized = p.Lots > 0 ? p.MarketValue - p.Cost : p.Cost + p.MarketValue;
        Unrealized += p.Unrealized - before;
        _marketValue += p.MarketValue - valueBefore;
    }

    /// <summary>a × b / c rounded down, for 0 ≤ b ≤ c, without overflow on the way: whole lots first, then the rest.</summary>
    private static Int128 MultiplyDivide(Int128 a, long b, long c)
    {
        (Int128 each, Int128 rest) = Int128.DivRem(a, c);
        return each * b + rest * b / c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Position Slot(InstrumentId instrument)
    {
        if ((uint)instrument.Value >= (uint)_positions.Length)
            Grow(instrument.Value);
        return ref _positions[instrument.Value];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int highest) => Array.Resize(ref _positions, Math.Max(16, highest + 1));
}
