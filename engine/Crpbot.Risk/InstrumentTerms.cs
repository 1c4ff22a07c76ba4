using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Risk;

/// <summary>What one Instrument's ticks and lots are worth, and how they are counted in the venue's contract lots.</summary>
/// <remarks>Money is exact: a price × quantity is a whole number of <see cref="Notional"/> units, or the Instrument is not tradable.</remarks>
public sealed class InstrumentTerms
{
    private readonly Int128 _unitsPerTickLot;

    /// <param name="instrument">Tick and lot.</param>
    /// <param name="contract">The venue's contract; null when the preset does not list it.</param>
    public InstrumentTerms(Instrument instrument, ContractTerms? contract)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        Instrument = instrument;
        int digits = Notional.Scale - instrument.Tick.Scale - instrument.Lot.Scale;
        if (digits >= 0)
        {
            _unitsPerTickLot = (Int128)instrument.Tick.Mantissa * instrument.Lot.Mantissa;
            for (; digits > 0; digits--)
                _unitsPerTickLot = checked(_unitsPerTickLot * 10);
        }

        if (contract is null)
            return;
        decimal lot = (decimal)instrument.Lot.Mantissa;
        for (int i = 0; i < instrument.Lot.Scale; i++)
            lot /= 10;
        decimal most = Math.Floor(contract.Size * contract.MaxLots / lot);
        MaxQuantity = new Quantity(most > long.MaxValue ? long.MaxValue : (long)most);
    }

    public Instrument Instrument { get; }

    /// <summary>The venue's largest trade in lots of the Instrument; zero when its contract is unknown.</summary>
    public Quantity MaxQuantity { get; }

    /// <summary>Money is exact in this Instrument and its contract is known.</summary>
    public bool IsTradable => _unitsPerTickLot > 0 && MaxQuantity.Lots > 0;

    /// <summary>Price × quantity, exact.</summary>
    public Notional Value(Price price, Quantity quantity) => new(checked((Int128)price.Ticks * quantity.Lots * _unitsPerTickLot));

    /// <summary>The most lots whose value at a price distance stays within an amount: rounded down.</summary>
    public Quantity LotsWithin(Notional amount, Price distance)
    {
        if (amount <= Notional.Zero)
            return default;
        Int128 lots = amount.Units / checked((Int128)distance.Ticks * _unitsPerTickLot);
        return new Quantity(lots > long.MaxValue ? long.MaxValue : (long)lots);
    }
}
