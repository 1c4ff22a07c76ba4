using Crpbot.Inference;

namespace Crpbot.Cli;

/// <summary>Finds model packages by name (newest version), name/version or folder.</summary>
internal static class Models
{
    /// <summary>The packages shipped with the program.</summary>
    public static string ShippedFolder => Path.Combine(AppContext.BaseDirectory, "models");

    /// <exception cref="UsageException">There is no such package.</exception>
    /// <exception cref="InvalidDataException">The package does not prove itself.</exception>
    public static ModelPackage Load(string name, ExecutionProvider provider)
    {
        ModelPackage package = ModelPackage.Load(FolderOf(name), provider);
        foreach (string warning in package.Warnings)
            Console.Error.WriteLine($"warning: {warning}");
        return package;
    }

    private static string FolderOf(string name)
    {
        if (File.Exists(Path.Combine(name, ModelManifest.FileName)))
            return name;
        if (Directory.Exists(name) && Directory.EnumerateFiles(name).Any())
            throw new InvalidDataException($"{name}: a model package has a {ModelManifest.FileName}, this folder has none");
        string shipped = Path.Combine(ShippedFolder, name);
        if (File.Exists(Path.Combine(shipped, ModelManifest.FileName)))
            return shipped;
        string? newest = !Directory.Exists(shipped) ? null : Directory.GetDirectories(shipped)
            .Where(folder => File.Exists(Path.Combine(folder, ModelManifest.FileName)) && int.TryParse(Path.GetFileName(folder), out _))
            .MaxBy(folder => int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture));
        if (newest is not null)
            return newest;
        string[] known = Directory.Exists(ShippedFolder) ? [.. Directory.GetDirectories(ShippedFolder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)] : [];
        throw new UsageException($"no model '{name}': neither a package folder nor one of {string.Join(", ", known)}");
    }
}
