using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using Crpbot.Cli;
using Crpbot.Datasets;
using Crpbot.Datasets.Lake;
using Xunit;

namespace Crpbot.Pipeline.Tests.Deploy;

/// <summary>What the deployment files run is what the program takes.</summary>
public class DeployFilesTests
{
    private static readonly string Packages = Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, "artifacts", "node", "node_modules");

    private static IEnumerable<DeployedCommand> All =>
    [
        .. DeployFiles.KubernetesJobs.Select(DeployFiles.OfKubernetes),
        DeployFiles.OfAwsBatch("aws-batch/lake-job-definition.json"),
        .. DeployFiles.OfPage("engine/deploy/README.md"),
        .. DeployFiles.OfPage("engine/docs/scale.md"),
    ];

    public static TheoryData<DeployedCommand> Commands => [.. All];

    [Theory]
    [MemberData(nameof(Commands))]
    public void TheProgramTakesTheFlags(DeployedCommand command)
    {
        System.CommandLine.ParseResult parsed = CommandLine.Create().Parse(command.Arguments);
        Assert.Empty(parsed.Errors.Select(error => error.Message));
        // A command alone, without the flags that make it one of many, is the wrong one.
        Assert.Contains("--shard", command.Arguments);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void TheShardAndTheLakeAreReadable(DeployedCommand command)
    {
        Assert.Equal(0, Sharding.Parse(command.Arguments[Array.IndexOf(command.Arguments, "--shard") + 1]).Index);
        string lake = Assert.Single(command.Arguments, argument => argument.StartsWith("s3://", StringComparison.Ordinal));
        Assert.NotEqual("", S3Location.Parse(lake).Prefix);
    }

    [Fact]
    public void AnArrayHasAsManyJobsAsShards()
    {
        using JsonDocument array = JsonDocument.Parse(DeployFiles.Read("aws-batch/lake-array-job.json"));
        int size = array.RootElement.GetProperty("arrayProperties").GetProperty("size").GetInt32();
        using JsonDocument definition = JsonDocument.Parse(DeployFiles.Read("aws-batch/lake-job-definition.json"));
        Assert.Equal(definition.RootElement.GetProperty("jobDefinitionName").GetString(), array.RootElement.GetProperty("jobDefinition").GetString());
        Assert.Equal(size, ShardsOf(DeployFiles.OfAwsBatch("aws-batch/lake-job-definition.json")));
        JsonElement shards = Assert.Single(array.RootElement.GetProperty("containerOverrides").GetProperty("environment").EnumerateArray(), variable => variable.GetProperty("name").GetString() == "SHARDS");
        Assert.Equal($"{size}", shards.GetProperty("value").GetString());
    }

    /// <summary>By npm's YAML parser and Kubernetes' own schema of the object.</summary>
    [KubernetesTheory]
    [InlineData("kubernetes/lake-convert-job.yaml")]
    [InlineData("kubernetes/lake-download-job.yaml")]
    public async Task AJobIsOneOfKubernetesAndKeepsItsWord(string file)
    {
        using JsonDocument job = JsonDocument.Parse(await ValidateAsync(DeployFiles.Read(file)));
        JsonElement spec = job.RootElement.GetProperty("spec");
        Assert.Equal("Indexed", spec.GetProperty("completionMode").GetString());
        int shards = ShardsOf(DeployFiles.OfKubernetes(file));
        Assert.Equal((shards, shards), (spec.GetProperty("completions").GetInt32(), spec.GetProperty("parallelism").GetInt32()));
        Assert.True(spec.GetProperty("backoffLimitPerIndex").GetInt32() > 0);
        JsonElement pod = spec.GetProperty("template").GetProperty("spec");
        Assert.Equal("Never", pod.GetProperty("restartPolicy").GetString());
        Assert.True(pod.GetProperty("securityContext").GetProperty("runAsNonRoot").GetBoolean());
        JsonElement container = Assert.Single(pod.GetProperty("containers").EnumerateArray());
        Assert.Equal(DeployFiles.OfKubernetes(file).Arguments.Length + 1, container.GetProperty("command").GetArrayLength());
        Assert.Equal("/scratch", Assert.Single(container.GetProperty("volumeMounts").EnumerateArray()).GetProperty("mountPath").GetString());
        foreach (JsonElement variable in container.GetProperty("env").EnumerateArray())
        {
            bool isSecret = variable.GetProperty("name").GetString()!.Contains("KEY", StringComparison.Ordinal);
            Assert.True(isSecret ? variable.GetProperty("valueFrom").TryGetProperty("secretKeyRef", out _) : variable.TryGetProperty("value", out _), $"{file}: {variable}");
        }
    }

    [Fact]
    public void TheImageHasTheFrameworksThatTheProgramNeeds()
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "crpbot.runtimeconfig.json")));
        JsonElement options = config.RootElement.GetProperty("runtimeOptions");
        string[] needed = [.. options.GetProperty("frameworks").EnumerateArray().Select(framework => framework.GetProperty("name").GetString()!)];
        Assert.Empty(needed.Except(["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"]));
        string version = options.GetProperty("tfm").GetString()!["net".Length..];
        string[] images = [.. DeployFiles.Read("Dockerfile").Split('\n').Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1])];
        Assert.Equal([$"mcr.microsoft.com/dotnet/sdk:{version}", $"mcr.microsoft.com/dotnet/aspnet:{version}"], images);
    }

    [Fact]
    public void TheImageIsBuiltFromEverythingThatTheProgramIsBuiltFrom()
    {
        string[] copied = [.. DeployFiles.Read("Dockerfile").Split('\n').Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1])];
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, path)), $"{path} does not exist"));
        Assert.All(new[] { "Directory.Build.props", "Directory.Packages.props", "global.json", "native-models/models/" }, path => Assert.Contains(path, copied));
        var projects = new HashSet<string>();
        Visit("engine/Crpbot.Cli/Crpbot.Cli.csproj");
        Assert.True(projects.Count > 10);
        Assert.All(projects, project => Assert.Contains(copied, path => project.StartsWith(path, StringComparison.Ordinal)));

        void Visit(string project)
        {
            if (!projects.Add(project))
                return;
            string file = Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, project);
            foreach (XElement reference in XDocument.Load(file).Descendants("ProjectReference"))
                Visit(Path.GetRelativePath(Crpbot.Testing.MarketData.RepositoryRoot, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, (string)reference.Attribute("Include")!))));
        }
    }

    private static int ShardsOf(DeployedCommand command) => Sharding.Parse(command.Arguments[Array.IndexOf(command.Arguments, "--shard") + 1]).Count;

    private static async Task<string> ValidateAsync(string yaml)
    {
        const string Script = """
            import { readFileSync } from 'node:fs';
            const { parseDocument } = await import(`${process.argv[1]}/yaml/dist/index.js`);
            const { Job } = await import(`${process.argv[1]}/kubernetes-models/batch/v1/Job.js`);
            const document = parseDocument(readFileSync(0, 'utf8'));
            if (document.errors.length > 0) throw document.errors[0];
            new Job(document.toJS()).validate();
            console.log(JSON.stringify(document.toJS()));
            """;
        using var node = Process.Start(new ProcessStartInfo("node", ["--input-type=module", "-e", Script, Packages]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = node.StandardOutput.ReadToEndAsync();
        Task<string> errors = node.StandardError.ReadToEndAsync();
        await node.StandardInput.WriteAsync(yaml);
        node.StandardInput.Close();
        await node.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(node.ExitCode == 0, await errors);
        return await output;
    }

    private sealed class KubernetesTheoryAttribute : TheoryAttribute
    {
        public KubernetesTheoryAttribute()
        {
            if (!Directory.Exists(Path.Combine(Packages, "kubernetes-models")) || !Directory.Exists(Path.Combine(Packages, "yaml")))
                Skip = "npm's kubernetes-models and yaml are absent; tests/run.sh installs them where npm is";
        }
    }
}
