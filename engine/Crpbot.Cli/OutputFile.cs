using Crpbot.Datasets.Lake;

namespace Crpbot.Cli;

/// <summary>A result that appears under its name, a path or <c>s3://bucket/key</c>, only when it is whole; standard output where there is no name.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly OutputLocation? _location;
    private readonly string? _temporaryPath;
    private bool _committed;

    private OutputFile(string? path)
    {
        _location = path is null ? null : OutputLocation.Open(path);
        _temporaryPath = _location is null ? null : $"{_location.Path}.{Environment.ProcessId}.unconfirmed";
        Stream = new BufferedStream(_temporaryPath is null ? Console.OpenStandardOutput() : File.Create(_temporaryPath), 1 << 16);
    }

    public Stream Stream { get; }

    /// <summary>For writers of local files, and with <paramref name="orStore"/> for those whose result may go to an object store.</summary>
    /// <exception cref="UsageException">The folder of the file does not exist.</exception>
    public static void RequireFolder(string path, bool orStore = false)
    {
        if (S3Location.IsOne(path))
        {
            _ = orStore ? S3Location.Parse(path) : throw new UsageException($"{path}: this result can only be written to a local file");
            return;
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new UsageException($"{path}: there is no folder {folder}");
    }

    /// <exception cref="IOException">The file cannot be created.</exception>
    public static OutputFile Create(string? path) => new(path);

    /// <summary>Gives the result its name, replacing what stood there.</summary>
    public void Commit()
    {
        Stream.Dispose();
        if (_temporaryPath is not null)
            File.Move(_temporaryPath, _location!.Path, overwrite: true);
        _location?.Commit();
        _committed = true;
    }

    public void Dispose()
    {
        if (!_committed)
        {
            Stream.Dispose();
            if (_temporaryPath is not null)
                File.Delete(_temporaryPath);
        }

        _location?.Dispose();
    }
}
