using System.Globalization;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Codecs.Venues;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Conversion;

/// <summary>A day of an exchange's raw minute slices through the venue's own parser: a partition for each symbol and type that it holds.</summary>
/// <remarks>What has a downloaded CSV comes from that. Two sets of filters that hold the same symbol and type would count it twice: the second one's is refused.</remarks>
internal sealed class FeedConversion(string venue, DateOnly day, IReadOnlyList<(RawFileName Name, LakeFile File)> slices)
    : ConversionJob(venue, RawLake.FeedType, "*", day, string.Create(CultureInfo.InvariantCulture, $"{RawLake.FeedsFolder}/{venue}/{day:yyyy'/'MM'/'dd}"))
{
    public override RawSource Identify(ILakeStorage lake) => RawSource.Of(lake, Key, [.. slices.Select(slice => slice.File)]);

    public override ConversionResult Run(ILakeStorage lake, RawSource source, ConversionOptions options, Action<long> progress)
    {
        if (!VenueParsers.Names.Contains(Venue))
            throw new InvalidDataException($"{Key}: there is no parser for raw messages of {Venue}; download its datasets");
        InstrumentTable instruments = options.Instruments();
        var textIds = new TextIdTable();
        var damage = new DamageLog(options.Strict);
        using var writers = new PartitionWriters(lake, instruments, textIds, Day, source);
        var owners = new Dictionary<(InstrumentId, TardisCsvType), string>();
        foreach (IGrouping<string, (RawFileName Name, LakeFile File)> filters in slices.GroupBy(slice => slice.Name.Symbol))
        {
            using MarketReader reader = Open(lake, [.. filters], instruments, textIds, damage);
            Fill(lake, options, reader, filters.Key, owners, writers, damage, progress);
        }

        writers.Commit();
        for (long i = 0; i < writers.Refused; i++)
            damage.Add(Key, "a price or quantity of more than 18 digits");
        ConversionReceipt.Of(source, options.Symbols, options.Types, writers.Keys).Write(lake);
        return new ConversionResult(Key, writers.Keys, false, writers.Rows, damage.Refused, source.Bytes, writers.Bytes, damage.First, null);
    }

    /// <summary>The type of an event that came by a raw feed; null for those that stay in captures.</summary>
    internal static TardisCsvType? TypeOf(in MarketEvent e) => e.Kind switch
    {
        MarketEventKind.Trade => TardisCsvType.Trades,
        MarketEventKind.BookClear or MarketEventKind.BookDelta => TardisCsvType.IncrementalBookL2,
        MarketEventKind.Quote => (e.Flags & MarketEventFlags.Derived) != 0 ? TardisCsvType.Quotes : TardisCsvType.BookTicker,
        MarketEventKind.DerivativeTicker => TardisCsvType.DerivativeTicker,
        MarketEventKind.Liquidation => TardisCsvType.Liquidations,
        _ => null,
    };

    private ChainedMarketReader Open(ILakeStorage lake, IReadOnlyList<(RawFileName Name, LakeFile File)> files, InstrumentTable instruments, TextIdTable textIds, DamageLog damage)
    {
        IVenueParser parser = VenueParsers.Create(Venue, instruments, textIds);
        MarketReader OpenSlice(LakeFile file)
        {
            LakeCopy copy = lake.Fetch(file.Key);
            var reader = new RecordingMarketReader(copy.Path, parser, instruments, textIds, ReadRange.All, damage);
            return copy.IsTemporary ? new CopiedMarketReader(copy, reader) : reader;
        }

        return new ChainedMarketReader(
            [.. files.OrderBy(file => file.Name.Start).Select(file => (UnixNanos.FromDateTime(file.Name.End), (Func<MarketReader>)(() => OpenSlice(file.File))))],
            instruments, textIds, ReadRange.All, damage);
    }

    private void Fill(
        ILakeStorage lake, ConversionOptions options, MarketReader reader, string filters, Dictionary<(InstrumentId, TardisCsvType), string> owners,
        PartitionWriters writers, DamageLog damage, Action<long> progress)
    {
        long read = 0;
        while (reader.Read())
        {
            if ((++read & 0xFFF) == 0)
                progress(0xFFF + 1);
            if (!IsOfDay(reader.Time))
            {
                RefuseOtherDay(damage, reader.Time);
                continue;
            }

            foreach (ref readonly MarketEvent e in reader.Message.Events)
            {
                if (e.Kind is MarketEventKind.Gap or MarketEventKind.Disconnect)
                {
                    Notice(e, filters, owners, writers);
                    continue;
                }

                if (TypeOf(e) is not { } type)
                    continue;
                if (!owners.TryGetValue((e.Instrument, type), out string? owner))
                    owner = owners[(e.Instrument, type)] = Claim(lake, options, reader.Instruments[e.Instrument], type, writers) ? filters : "";
                if (owner == filters)
                    writers.Write(e, type);
                else if (owner.Length > 0)
                    damage.Add(Key, $"{reader.Instruments[e.Instrument].Name} {type.NameOf()} is in the slices of two sets of filters: {owner} and {filters}");
            }
        }
    }

    /// <summary>Makes the partition, unless it is not wanted or a downloaded CSV has it.</summary>
    private bool Claim(ILakeStorage lake, ConversionOptions options, Instrument instrument, TardisCsvType type, PartitionWriters writers)
    {
        if (!options.WantsType(type.NameOf()) || !options.WantsSymbol(instrument.Symbol)
            || lake.Find(RawLake.DatasetPath(Venue, type.NameOf(), RawLake.DatasetSymbol(instrument.Symbol), Day)) is not null)
            return false;
        writers.Open(instrument.Id, type);
        return true;
    }

    /// <summary>A hole or loss goes to every partition it concerns that these filters feed.</summary>
    private static void Notice(in MarketEvent e, string filters, Dictionary<(InstrumentId Instrument, TardisCsvType Type), string> owners, PartitionWriters writers)
    {
        foreach (((InstrumentId instrument, TardisCsvType type), string owner) in owners)
        {
            if (owner == filters && (e.Instrument == InstrumentId.All || e.Instrument == instrument))
                writers.Write(e, instrument, type);
        }
    }
}
