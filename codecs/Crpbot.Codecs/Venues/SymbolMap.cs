using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Json;
using Crpbot.Messages;

namespace Crpbot.Codecs.Venues;

/// <summary>Finds a parser's state of a symbol by the bytes of its name.</summary>
/// <remarks>
/// Names of up to 16 bytes are compared as one vector in an open-addressed table at most half full; longer ones go through a dictionary.
/// Finding allocates nothing; adding does, once a name. Any case leads to the Instrument of the upper-case name.
/// </remarks>
internal sealed class SymbolMap<T>(InstrumentTable table, string venue, Func<Instrument, T> create)
    where T : VenueSymbol
{
    /// <summary>The longest symbol accepted, in bytes.</summary>
    public const int LengthMax = 64;

    private readonly List<T> _all = [];
    private readonly Dictionary<byte[], T> _longNames = new(ByteComparer.Instance);
    private T?[] _byId = [];
    private Vector128<byte>[] _keys = new Vector128<byte>[64];
    private T?[] _states = new T?[64];
    private int _shortNames;
    private Vector128<byte> _lastKey;
    private T? _last;

    /// <summary>Every symbol that was ever asked for, in that order.</summary>
    public List<T> All => _all;

    public string Venue => venue;

    /// <summary>The state of an Instrument this map has found before.</summary>
    public T this[InstrumentId id] => _byId[id.Value]!;

    /// <summary>Returns the symbol's state if it is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(ReadOnlySpan<byte> symbol, [NotNullWhen(true)] out T? state)
    {
        if ((uint)(symbol.Length - 1) >= DecimalKernel.Width)
            return TryFindLong(symbol, out state);
        Vector128<byte> key = DecimalKernel.LoadWhole(symbol);
        state = _last;
        return (key == _lastKey & state is not null) || TryFindShort(key, out state);
    }

    /// <summary>Returns the symbol's state, adding it on first sight.</summary>
    /// <param name="symbol">Checked with <see cref="IsSymbol"/>.</param>
    public T FindOrAdd(ReadOnlySpan<byte> symbol) => TryFind(symbol, out T? known) ? known : Add(symbol);

    /// <summary>Whether a name can be a symbol: 1 to 64 bytes of UTF-8 without spaces and control characters.</summary>
    public static bool IsSymbol(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= LengthMax && name.IndexOfAnyInRange((byte)0, (byte)' ') < 0 && !name.Contains((byte)0x7F);

    private static uint Hash(Vector128<byte> key) =>
        (uint)(((key.AsUInt64()[0] ^ key.AsUInt64()[1] * 0x9E3779B97F4A7C15) * 0xD6E8FEB86659FD93) >> 32);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryFindShort(Vector128<byte> key, [NotNullWhen(true)] out T? state)
    {
        int mask = _keys.Length - 1;
        for (int slot = (int)Hash(key) & mask; (state = _states[slot]) is not null; slot = (slot + 1) & mask)
        {
            if (_keys[slot] == key)
            {
                (_lastKey, _last) = (key, state);
                return true;
            }
        }

        return false;
    }

    private bool TryFindLong(ReadOnlySpan<byte> symbol, [NotNullWhen(true)] out T? state) =>
        _longNames.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(symbol, out state);

    private T Add(ReadOnlySpan<byte> symbol)
    {
        Instrument instrument = table.GetOrAdd(venue, Encoding.UTF8.GetString(symbol).ToUpperInvariant());
        if (instrument.Id.Value >= _byId.Length)
            Array.Resize(ref _byId, instrument.Id.Value * 2);
        T? state = _byId[instrument.Id.Value];
        if (state is null)
            _all.Add(_byId[instrument.Id.Value] = state = create(instrument));
        if (symbol.Length > DecimalKernel.Width)
            _longNames.Add(symbol.ToArray(), state);
        else
            AddShort(DecimalKernel.LoadWhole(symbol), state);
        return state;
    }

    private void AddShort(Vector128<byte> key, T state)
    {
        if (++_shortNames * 2 > _keys.Length)
        {
            (Vector128<byte>[] keys, T?[] states) = (_keys, _states);
            (_keys, _states) = (new Vector128<byte>[keys.Length * 2], new T?[keys.Length * 2]);
            for (int i = 0; i < keys.Length; i++)
            {
                if (states[i] is { } old)
                    Place(keys[i], old);
            }
        }

        Place(key, state);
    }

    private void Place(Vector128<byte> key, T state)
    {
        int mask = _keys.Length - 1;
        int slot = (int)Hash(key) & mask;
        while (_states[slot] is not null)
            slot = (slot + 1) & mask;
        (_keys[slot], _states[slot]) = (key, state);
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes) => GetHashCode(bytes.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            uint hash = 2166136261;
            foreach (byte b in alternate)
                hash = (hash ^ b) * 16777619;
            return (int)hash;
        }
    }
}
