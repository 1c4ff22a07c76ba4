using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>What a parser remembers of one symbol between messages.</summary>
internal class VenueSymbol(Instrument instrument)
{
    /// <summary>A scale no number fits, so that a step such as 0.5 sends its values to the general parser.</summary>
    private const int NoTemplate = 99;

    public readonly InstrumentId Id = instrument.Id;

    public readonly DecimalStep Tick = instrument.Tick;

    public readonly DecimalStep Lot = instrument.Lot;

    /// <summary>Decimal digits of the tick, for templates.</summary>
    public readonly int TickScale = instrument.Tick.Mantissa == 1 ? instrument.Tick.Scale : NoTemplate;

    /// <summary>Decimal digits of the lot, for templates.</summary>
    public readonly int LotScale = instrument.Lot.Mantissa == 1 ? instrument.Lot.Scale : NoTemplate;

    /// <summary>A whole message about it was accepted on this connection.</summary>
    public bool Seen;

    /// <summary>A snapshot arrived and nothing was missed since.</summary>
    public bool HasBook;

    public TradeTape Tape;

    public Instrument Instrument { get; } = instrument;

    /// <summary>Forgets everything the lost connection made known.</summary>
    public virtual void Forget()
    {
        Seen = false;
        HasBook = false;
        Tape = default;
    }
}
