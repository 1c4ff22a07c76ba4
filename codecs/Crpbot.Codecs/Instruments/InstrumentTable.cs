using System.Diagnostics.CodeAnalysis;
using System.Text;
using Crpbot.Messages;

namespace Crpbot.Codecs.Instruments;

/// <summary>Gives every (venue, symbol) of a process its <see cref="InstrumentId"/>, tick and lot.</summary>
/// <remarks>
/// One writer: the receiving thread, through <see cref="SymbolLookup"/>. Others may read an Instrument whose id they received
/// through the ring: the array is replaced, never mutated, and published with a volatile write. Adding allocates, finding does not.
/// </remarks>
public sealed class InstrumentTable
{
    private readonly Dictionary<(string Venue, string Symbol), Instrument> _byName = [];
    private readonly IReadOnlyDictionary<(string Venue, string Symbol), (DecimalStep Tick, DecimalStep Lot)> _descriptions;
    private Instrument[] _byId = [];

    /// <param name="descriptions">Known increments, keyed by venue and upper-case symbol; others get 1e-8, marked assumed.</param>
    public InstrumentTable(IReadOnlyDictionary<(string Venue, string Symbol), (DecimalStep Tick, DecimalStep Lot)>? descriptions = null) =>
        _descriptions = descriptions ?? KnownInstruments.Descriptions;

    /// <summary>All Instruments, in order of id: element i has id i + 1.</summary>
    public IReadOnlyList<Instrument> All => Volatile.Read(ref _byId);

    public Instrument this[InstrumentId id] => Volatile.Read(ref _byId)[id.Value - 1];

    public bool TryFind(string venue, string symbol, [NotNullWhen(true)] out Instrument? instrument) =>
        _byName.TryGetValue((venue, symbol), out instrument);

    /// <summary>Returns the Instrument, adding it on first sight.</summary>
    public Instrument GetOrAdd(string venue, string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(venue);
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        if (_byName.TryGetValue((venue, symbol), out Instrument? known))
            return known;
        bool described = _descriptions.TryGetValue((venue, symbol), out (DecimalStep Tick, DecimalStep Lot) steps);
        return Add(venue, symbol, described ? steps.Tick : DecimalStep.Default, described ? steps.Lot : DecimalStep.Default, !described);
    }

    /// <summary>Adds an Instrument with the increments a capture's header gives.</summary>
    /// <exception cref="InvalidDataException">It is known with other increments.</exception>
    public Instrument Define(string venue, string symbol, DecimalStep tick, DecimalStep lot, bool assumed)
    {
        if (!_byName.TryGetValue((venue, symbol), out Instrument? known))
            return Add(venue, symbol, tick, lot, assumed);
        if (known.Tick != tick || known.Lot != lot)
            throw new InvalidDataException($"{venue}:{symbol} is defined twice: tick {known.Tick} lot {known.Lot}, then tick {tick} lot {lot}");
        return known;
    }

    private Instrument Add(string venue, string symbol, DecimalStep tick, DecimalStep lot, bool assumed)
    {
        var added = new Instrument(new InstrumentId(_byId.Length + 1), venue, symbol, tick, lot, assumed);
        _byName.Add((venue, symbol), added);
        Volatile.Write(ref _byId, [.. _byId, added]);
        return added;
    }
}

/// <summary>Finds an Instrument by the UTF-8 symbol of a message without allocating; one per parser.</summary>
public sealed class SymbolLookup(InstrumentTable table, string venue)
{
    private const int Slots = 1024;
    private readonly (byte[] Symbol, Instrument Instrument)[]?[] _buckets = new (byte[], Instrument)[Slots][];
    private byte[] _lastSymbol = [];
    private Instrument? _last;

    public InstrumentTable Table => table;

    public string Venue => venue;

    /// <summary>Returns the Instrument of a symbol, in any case, adding it on first sight.</summary>
    public Instrument Find(ReadOnlySpan<byte> symbol)
    {
        if (_last is not null && symbol.SequenceEqual(_lastSymbol))
            return _last;
        return FindOther(symbol);
    }

    private Instrument FindOther(ReadOnlySpan<byte> symbol)
    {
        uint hash = 2166136261;
        foreach (byte b in symbol)
            hash = (hash ^ b) * 16777619;
        ref (byte[] Symbol, Instrument Instrument)[]? bucket = ref _buckets[hash % Slots];
        foreach ((byte[] known, Instrument instrument) in bucket ?? [])
        {
            if (symbol.SequenceEqual(known))
            {
                (_lastSymbol, _last) = (known, instrument);
                return instrument;
            }
        }

        byte[] added = symbol.ToArray();
        Instrument found = table.GetOrAdd(venue, Encoding.UTF8.GetString(symbol).ToUpperInvariant());
        bucket = [.. bucket ?? [], (added, found)];
        (_lastSymbol, _last) = (added, found);
        return found;
    }
}
