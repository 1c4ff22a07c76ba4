using System.Globalization;
using Crpbot.Features;
using Crpbot.Messages;
using ParquetSharp;

namespace Crpbot.Datasets;

/// <summary>Reads a feature dataset whole, by column name.</summary>
public static class FeatureDatasetReader
{
    /// <exception cref="InvalidDataException">Not Parquet, not a feature dataset, or of another schema version; names file and field.</exception>
    public static FeatureDataset Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file", path);
        try
        {
            using var file = new ParquetFileReader(path);
            return Read(path, file);
        }
        catch (ParquetException e)
        {
            throw new InvalidDataException($"{path}: not a readable Parquet file: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static FeatureDataset Read(string path, ParquetFileReader file)
    {
        IReadOnlyDictionary<string, string> metadata = file.FileMetaData.KeyValueMetadata;
        string version = Required(path, metadata, FeatureDatasetSchema.VersionKey);
        if (version != FeatureSchema.Version.ToString(CultureInfo.InvariantCulture))
            throw new InvalidDataException($"{path}: schema version {version}, this program reads {FeatureSchema.Version}: build the dataset again");
        string hash = Required(path, metadata, FeatureDatasetSchema.HashKey);
        if (hash != FeatureSchema.Hash)
            throw new InvalidDataException($"{path}: schema hash {hash}, expected {FeatureSchema.Hash}: names or order of the features differ");

        var columns = new Dictionary<string, int>();
        for (int i = 0; i < file.FileMetaData.Schema.NumColumns; i++)
            columns[file.FileMetaData.Schema.Column(i).Name] = i;
        T[] Column<T>(string name) => columns.TryGetValue(name, out int index)
            ? ReadColumn<T>(file, index) : throw new InvalidDataException($"{path}: there is no column {name}");

        bool hasTruth = columns.ContainsKey(FeatureDatasetSchema.TrueProbabilityUp);
        return new FeatureDataset
        {
            Times = [.. Column<long>(FeatureDatasetSchema.Time).Select(t => new UnixNanos(t))],
            Symbols = Column<string>(FeatureDatasetSchema.Symbol),
            EndBid = Column<double>(FeatureDatasetSchema.EndBid),
            EndAsk = Column<double>(FeatureDatasetSchema.EndAsk),
            Values = [.. FeatureSchema.Names.Select(Column<double>)],
            Missing = [.. FeatureSchema.Names.Select(name => Column<byte>(name + FeatureDatasetSchema.MissingSuffix))],
            Flags = [.. Column<byte>(FeatureDatasetSchema.Flags).Select(f => (FeatureRowFlags)f)],
            TrueProbabilityUp = hasTruth ? Column<double>(FeatureDatasetSchema.TrueProbabilityUp) : null,
            TrueHorizonBars = hasTruth ? int.Parse(Required(path, metadata, FeatureDatasetSchema.TrueHorizonKey), CultureInfo.InvariantCulture) : 0,
            Source = metadata.TryGetValue(FeatureDatasetSchema.SourceKey, out string? source) ? source : Path.GetFileName(path),
        };
    }

    private static string Required(string path, IReadOnlyDictionary<string, string> metadata, string key) =>
        metadata.TryGetValue(key, out string? value) ? value : throw new InvalidDataException($"{path}: no feature dataset, its metadata has no {key}");

    private static T[] ReadColumn<T>(ParquetFileReader file, int index)
    {
        var values = new T[file.FileMetaData.NumRows];
        int at = 0;
        for (int g = 0; g < file.FileMetaData.NumRowGroups; g++)
        {
            using RowGroupReader group = file.RowGroup(g);
            using ColumnReader column = group.Column(index);
            using LogicalColumnReader<T> reader = column.LogicalReader<T>();
            while (reader.HasNext)
                at += reader.ReadBatch(values.AsSpan(at));
        }

        return values;
    }
}
