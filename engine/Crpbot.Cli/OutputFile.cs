namespace Crpbot.Cli;

/// <summary>A result that appears under its name only when it is whole; standard output where there is no name.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string? _path;
    private readonly string? _temporaryPath;
    private bool _committed;

    private OutputFile(string? path)
    {
        _path = path;
        _temporaryPath = path is null ? null : $"{path}.{Environment.ProcessId}.unconfirmed";
        Stream = new BufferedStream(_temporaryPath is null ? Console.OpenStandardOutput() : File.Create(_temporaryPath), 1 << 16);
    }

    public Stream Stream { get; }

    /// <exception cref="UsageException">The folder of the file does not exist.</exception>
    public static void RequireFolder(string path)
    {
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
            File.Move(_temporaryPath, _path!, overwrite: true);
        _committed = true;
    }

    public void Dispose()
    {
        if (_committed)
            return;
        Stream.Dispose();
        if (_temporaryPath is not null)
            File.Delete(_temporaryPath);
    }
}
