using System.Globalization;
using Crpbot.Features;
using Crpbot.Messages;
using ParquetSharp;

namespace Crpbot.Datasets;

/// <summary>Reads a feature dataset whole, by column name: one file, or a folder of parts.</summary>
public static class FeatureDatasetReader
{
    /// <param name="path">A file, or a folder whose Parquet files are read in ordinal order of their names.</param>
    /// <exception cref="FileNotFoundException">There is neither.</exception>
    /// <exception cref="InvalidDataException">Not Parquet, not a feature dataset, or of another schema version; names file and field.</exception>
    public static FeatureDataset Read(string path)
    {
        IReadOnlyList<string> files = FilesOf(path);
        return files is [string only] ? ReadFile(only) : Join(files, [.. files.Select(ReadFile)]);
    }

    /// <summary>The files of a dataset, in the order in which they are read.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file", path);
        string[] files = [.. Directory.EnumerateFiles(path, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new InvalidDataException($"{path}: there is no Parquet file in this folder");
    }

    private static FeatureDataset Join(IReadOnlyList<string> files, FeatureDataset[] parts)
    {
        if (Array.Find(parts, part => part.TrueHorizonBars != parts[0].TrueHorizonBars) is { } other)
            throw new InvalidDataException($"{files[Array.IndexOf(parts, other)]}: its true probabilities are over {other.TrueHorizonBars} bars, those of {files[0]} over {parts[0].TrueHorizonBars}");
        T[] Column<T>(Func<FeatureDataset, T[]> of) => [.. parts.SelectMany(of)];
        return new FeatureDataset
        {
            Times = Column(part => part.Times),
            Symbols = Column(part => part.Symbols),
            EndBid = Column(part => part.EndBid),
            EndAsk = Column(part => part.EndAsk),
            Values = [.. Enumerable.Range(0, FeatureSchema.Count).Select(i => Column(part => part.Values[i]))],
            Missing = [.. Enumerable.Range(0, FeatureSchema.Count).Select(i => Column(part => part.Missing[i]))],
            Flags = Column(part => part.Flags),
            TrueProbabilityUp = parts[0].TrueProbabilityUp is null ? null : Column(part => part.TrueProbabilityUp!),
            TrueHorizonBars = parts[0].TrueHorizonBars,
            Source = string.Join("; ", parts.Select(part => part.Source).Distinct()),
        };
    }

    private static FeatureDataset ReadFile(string path)
    {
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
