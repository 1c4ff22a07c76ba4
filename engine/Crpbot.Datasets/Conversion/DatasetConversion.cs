using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Conversion;

/// <summary>A downloaded CSV: one partition, or one a symbol where the file's symbol is a group such as OPTIONS.</summary>
internal sealed class DatasetConversion(RawFileName raw, LakeFile file, TardisCsvType type)
    : ConversionJob(raw.Venue, raw.Type, raw.Symbol, DateOnly.FromDateTime(raw.Start), raw.Path)
{
    /// <summary>Partitions written in one pass over the file; a group with more symbols is read again for the next ones.</summary>
    internal const int MaxOpen = 256;

    /// <summary>Whether it is one of Tardis' ids of several symbols in one file.</summary>
    internal static bool IsGroup(string symbol) => symbol is "OPTIONS" or "FUTURES" or "PERPETUALS" or "SPOT" or "COMBOS";

    public override RawSource Identify(ILakeStorage lake) => RawSource.Of(lake, file);

    public override ConversionResult Run(ILakeStorage lake, RawSource source, ConversionOptions options, Action<long> progress)
    {
        using LakeCopy copy = lake.Fetch(file.Key);
        var keys = new List<string>();
        var damage = new DamageLog(options.Strict);
        long rows = 0, bytes = 0;
        bool more = true;
        for (int pass = 0; more; pass++)
        {
            InstrumentTable instruments = options.Instruments();
            var textIds = new TextIdTable();
            // Later passes meet the same damage again.
            var log = pass == 0 ? damage : new DamageLog(strict: false, kept: 0);
            using var reader = new CsvMarketReader(copy.Path, new TardisCsvOptions { Type = type }, instruments, textIds, ReadRange.All, log);
            using var writers = new PartitionWriters(lake, instruments, textIds, Day, source);
            more = Fill(lake, options, reader, writers, pass, damage, progress);
            // A day without rows is a partition without rows: converted, and empty.
            if (pass == 0 && writers.Keys.Count == 0 && !IsGroup(Symbol))
                writers.Open(instruments.GetOrAdd(Venue, instruments.All.FirstOrDefault(known => known.Venue == Venue)?.Symbol ?? Symbol).Id, type);
            writers.Commit();
            keys.AddRange(writers.Keys);
            (rows, bytes) = (rows + writers.Rows, bytes + writers.Bytes);
            for (long i = 0; i < writers.Refused; i++)
                damage.Add(Key, "a price or quantity of more than 18 digits");
        }

        ConversionReceipt.Of(source, IsGroup(Symbol) ? options.Symbols : [], [], keys).Write(lake);
        return new ConversionResult(Key, keys, false, rows, damage.Refused, source.Bytes, bytes, damage.First, null);
    }

    /// <returns>Whether symbols are left for another pass.</returns>
    private bool Fill(ILakeStorage lake, ConversionOptions options, CsvMarketReader reader, PartitionWriters writers, int pass, DamageLog damage, Action<long> progress)
    {
        // By Instrument in order of first sight: true where its rows go into this pass's partitions.
        var isOurs = new List<bool>();
        int wanted = 0;
        long read = 0;
        while (reader.Read())
        {
            MarketEvent first = reader.Message.Events[0];
            if ((++read & 0xFFF) == 0)
                progress(0xFFF + 1);
            while (isOurs.Count < first.Instrument.Value)
            {
                Instrument instrument = reader.Instruments[new InstrumentId(isOurs.Count + 1)];
                bool isWanted = instrument.Venue == Venue && IsWanted(lake, options, instrument) && wanted++ / MaxOpen == pass;
                isOurs.Add(isWanted);
                if (isWanted)
                    writers.Open(instrument.Id, type);
            }

            if (!isOurs[first.Instrument.Value - 1])
                continue;
            if (!IsOfDay(first.ReceiveTime))
            {
                RefuseOtherDay(damage, first.ReceiveTime);
                continue;
            }

            foreach (ref readonly MarketEvent e in reader.Message.Events)
                writers.Write(e, type);
        }

        return wanted > (pass + 1) * MaxOpen;
    }

    /// <summary>A symbol of a group that has a file of its own comes from that.</summary>
    private bool IsWanted(ILakeStorage lake, ConversionOptions options, Instrument instrument)
    {
        if (!options.WantsSymbol(instrument.Symbol))
            return false;
        string own = RawLake.DatasetSymbol(instrument.Symbol);
        return own == Symbol || lake.Find(RawLake.DatasetPath(Venue, Type, own, Day)) is null;
    }
}
