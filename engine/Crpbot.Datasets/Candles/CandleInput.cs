using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using Crpbot.Codecs.Text;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>The text of a candle file: plain, gzip, or the one entry of a zip.</summary>
internal sealed class CandleInput : IDisposable
{
    private const long LargestEntry = 1L << 30;
    private readonly GzipReadStream? _gzip;
    private readonly bool _isEntryCorrupt;

    private CandleInput(Stream text, GzipReadStream? gzip, UnixNanos midnight, bool isEntryCorrupt)
    {
        (Text, _gzip, Midnight, _isEntryCorrupt) = (text, gzip, midnight, isEntryCorrupt);
        Lines = new LineReader(text, 1 << 20);
    }

    public Stream Text { get; }

    public LineReader Lines { get; }

    /// <summary>The day that a LEAN zip names and its rows count from; None for every other file.</summary>
    public UnixNanos Midnight { get; }

    /// <summary>Final once the text was read to its end.</summary>
    public GzipDamage Damage => _isEntryCorrupt ? GzipDamage.Corrupt : _gzip?.Damage ?? GzipDamage.None;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A zip that is damaged, or holds something else than one file of candles.</exception>
    public static CandleInput Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file", path);
        FileStream file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        bool isZip = file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("PK\u0003\u0004"u8);
        file.Position = 0;
        if (isZip)
        {
            using (file)
                return OpenZip(path, file);
        }

        Stream text = CompressedInput.Open(file, out GzipReadStream? gzip);
        return new CandleInput(text, gzip, UnixNanos.None, false);
    }

    public void Dispose() => Text.Dispose();

    private static CandleInput OpenZip(string path, FileStream file)
    {
        try
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read);
            ZipArchiveEntry[] entries = [.. archive.Entries.Where(entry => !entry.FullName.EndsWith('/'))];
            if (entries.Length != 1)
                throw new InvalidDataException($"{path}: the zip holds {entries.Length} files ({string.Join(", ", entries.Take(3).Select(e => e.FullName))}); expected one of candles: unpack it and name one");
            ZipArchiveEntry only = entries[0];
            if (only.Length > LargestEntry)
                throw new InvalidDataException($"{path}: {only.FullName} has {only.Length:N0} bytes; unpack it first");
            string name = Path.GetFileName(path);
            if (name.Contains("_quote", StringComparison.OrdinalIgnoreCase) || only.Name.Contains("_quote", StringComparison.OrdinalIgnoreCase))
                throw new InvalidDataException($"{path}: {only.Name} holds quotes, no candles of trades; name the file that ends in _trade.zip");
            var text = new MemoryStream((int)only.Length);
            bool isCorrupt = !TryInflate(only, text);
            text.Position = 0;
            return new CandleInput(text, null, MidnightOf(only.Name), isCorrupt);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: damaged zip: {e.Message}", e);
        }
    }

    private static bool TryInflate(ZipArchiveEntry entry, MemoryStream text)
    {
        try
        {
            using Stream content = entry.Open();
            content.CopyTo(text);
        }
        catch (InvalidDataException)
        {
            return false;
        }

        return text.Length == entry.Length && Crc32.HashToUInt32(text.GetBuffer().AsSpan(0, (int)text.Length)) == entry.Crc32;
    }

    // LEAN names its entries 20161007_btcusd_minute_trade.csv.
    private static UnixNanos MidnightOf(string entry) =>
        entry.Length > 9 && entry[8] == '_' && DateTime.TryParseExact(entry[..8], "yyyyMMdd", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime day)
            ? UnixNanos.FromDateTime(day)
            : UnixNanos.None;
}
