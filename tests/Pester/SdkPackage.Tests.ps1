#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
    $page = Get-Content -Raw -LiteralPath (Join-Path (Get-AmpTestLayout).Root 'docs/sdk.md')
    $snippets = [regex]::Matches($page, '(?ms)^## ([^\n]+)\n(?:(?!^## ).)*?^```csharp\n').ForEach{ @{ Heading = $_.Groups[1].Value } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    $configuration = $env:AMP_TEST_CONFIGURATION ? $env:AMP_TEST_CONFIGURATION : 'Release'
    $version = (Import-PowerShellDataFile -LiteralPath $layout.Module).ModuleVersion
    $feed = Join-Path $TestDrive 'feed'
    & (Join-Path $layout.Root 'tools/Build-Package.ps1') -Path $feed -Configuration $configuration

    # Nothing where there is no git, or where it does not trust the folder.
    function Get-GitText([string[]] $Argument) {
        if (Get-Command git -CommandType Application -ErrorAction Ignore) {
            & git -C $layout.Root @Argument 2>$null
        }
    }

    # The page's snippets in order, each with what it writes.
    $page = Get-Content -Raw -LiteralPath (Join-Path $layout.Root 'docs/sdk.md')
    $snippets = [regex]::Matches($page, '(?ms)^## (?<heading>[^\n]+)\n(?:(?!^## ).)*?^```csharp\n(?<code>.*?)^```\n(?:\n```text\n(?<output>.*?)^```)?')
    $readmes = 'Amp.Sdk', 'Amp.Sdk.Extensions.AI', 'Amp.Sdk.Agents.AI', 'Amp.Sdk.Extensions.Hosting' | ForEach-Object {
        [regex]::Match((Get-Content -Raw -LiteralPath (Join-Path $layout.Root "src/$_/README.md")), '(?ms)^```csharp\n(.*?)^```').Groups[1].Value
    }

    function Save-Project([string] $Folder, [string] $Cache) {
        $null = New-Item -ItemType Directory -Force $Folder
        $framework = 'net{0}.0' -f [version]::new(((& dotnet --version) -split '-')[0]).Major
        Set-Content (Join-Path $Folder 'Clean.csproj') @"
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>$framework</TargetFramework>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <WarningsNotAsErrors>NU1901;NU1902;NU1903;NU1904;NU1507</WarningsNotAsErrors>
    <UseAppHost>false</UseAppHost>
    <RestorePackagesPath>$Cache</RestorePackagesPath>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Amp.Sdk" Version="$version" />
    <PackageReference Include="Amp.Sdk.Agents.AI" Version="$version" />
    <PackageReference Include="Amp.Sdk.Extensions.AI" Version="$version" />
    <PackageReference Include="Amp.Sdk.Extensions.Hosting" Version="$version" />
    <FrameworkReference Include="Microsoft.AspNetCore.App" />
  </ItemGroup>
</Project>
"@
        # Its own packages from here alone, and never one that was kept; what those need from where this repository's build got it.
        $kept = (& dotnet nuget locals global-packages --list) -replace '^[^:]+: '
        Set-Content (Join-Path $Folder 'nuget.config') @"
<configuration>
  <packageSources>
    <add key="made" value="$feed" />
    <add key="kept" value="$kept" />
  </packageSources>
  <packageSourceMapping>
    <packageSource key="made"><package pattern="Amp.*" /></packageSource>
    <packageSource key="kept"><package pattern="*" /></packageSource>
    <packageSource key="nuget.org"><package pattern="*" /></packageSource>
  </packageSourceMapping>
</configuration>
"@
        $bodies = @($snippets.ForEach{ $_.Groups['code'].Value }) + $readmes
        # Types stand at the end of a snippet, as in a program of top-level statements.
        $types = @($bodies | Select-String '(?ms)^public sealed .*' | ForEach-Object { $_.Matches.Value })
        $bodies = @($bodies -replace '(?ms)^public sealed .*')
        $usings = $bodies | Select-String -AllMatches '(?m)^using [\w.]+;\r?$' | ForEach-Object { $_.Matches.Value.Trim() } | Sort-Object -Unique
        $methods = 0..($bodies.Count - 1) | ForEach-Object {
            "static async Task Snippet$_()`n{`n$($bodies[$_] -replace '(?m)^using [\w.]+;\r?\n')`nawait Task.CompletedTask;`n}`n"
        }
        $cases = 0..($bodies.Count - 1) | ForEach-Object { "Console.WriteLine(`"### $_`"); await Snippet$_();" }
        # Both packages have a type of this name, and here the snippets of all sections are one file.
        $usings += 'using ToolResultContent = Amp.ToolResultContent;'
        Set-Content (Join-Path $Folder 'Program.cs') (@($usings) + $cases + $methods + $types)
    }

    # Environment variables of this process are inherited by dotnet: what restore and build keep is the test's own.
    function Invoke-Dotnet([string[]] $Argument) {
        $told = & dotnet @Argument 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 0 -Because $told
        $told
    }

    # The documents and addresses that a debugger is told of; empty where there are none.
    function Get-SourceLink([byte[]] $Symbols) {
        $provider = [System.Reflection.Metadata.MetadataReaderProvider]::FromPortablePdbStream([System.IO.MemoryStream]::new($Symbols))
        $reader = $provider.GetMetadataReader()
        $kind = [guid] 'CC110556-A091-4D38-9FEC-25AB9A351A6A'
        foreach ($handle in $reader.CustomDebugInformation) {
            $information = $reader.GetCustomDebugInformation($handle)
            if ($reader.GetGuid($information.Kind) -eq $kind) {
                return [System.Text.Encoding]::UTF8.GetString($reader.GetBlobBytes($information.Value))
            }
        }
    }

    function Get-Entry([string] $Package, [string] $Name) {
        $zip = [System.IO.Compression.ZipFile]::OpenRead($Package)
        try {
            $stream = $zip.GetEntry($Name).Open()
            $copy = [System.IO.MemoryStream]::new()
            $stream.CopyTo($copy)
            , $copy.ToArray()
        } finally {
            $zip.Dispose()
        }
    }
}

Describe 'The package of the library' {
    BeforeAll {
        $package = Join-Path $feed "Amp.Sdk.$version.nupkg"
        $symbols = Join-Path $feed "Amp.Sdk.$version.snupkg"
        $names = { [System.IO.Compression.ZipFile]::OpenRead($args[0]).Entries.FullName | Where-Object { $_ -notmatch '^(_rels|package)/|^\[|\.nuspec$' } | Sort-Object }
        $remote = Get-GitText 'remote', 'get-url', 'origin'
        $commit = Get-GitText 'rev-parse', 'HEAD'
    }

    It 'holds the library, its documentation and the tool server, and the symbols of both' {
        & $names $package | Should -Be 'icon.png', 'lib/net8.0/Amp.Sdk.dll', 'lib/net8.0/Amp.Sdk.ToolServer.dll', 'lib/net8.0/Amp.Sdk.xml', 'README.md'
        & $names $symbols | Should -Be 'lib/net8.0/Amp.Sdk.pdb', 'lib/net8.0/Amp.Sdk.ToolServer.pdb'
    }

    It 'says of itself what a user of NuGet looks for' {
        $metadata = ([xml] [System.Text.Encoding]::UTF8.GetString((Get-Entry $package 'Amp.Sdk.nuspec')).Trim([char] 0xFEFF)).package.metadata
        $metadata.version | Should -Be $version
        $metadata.license.InnerText | Should -Be 'MIT'
        $metadata.readme, $metadata.icon | Should -Be 'README.md', 'icon.png'
        $metadata.releaseNotes | Should -BeLike '*Amp.Sdk*'
        $metadata.dependencies.group.targetFramework | Should -Be 'net8.0'
        $metadata.dependencies.group.dependency.id | Sort-Object | Should -Be 'JsonSchema.Net', 'ModelContextProtocol.Core'
        if ($commit) {
            $metadata.repository.commit | Should -Be $commit
        }
    }

    It 'has no path of the machine in its symbols, and a source link where the repository has a remote' -Skip:($env:AMP_TEST_CONFIGURATION -eq 'Debug') {
        foreach ($name in 'Amp.Sdk', 'Amp.Sdk.ToolServer') {
            $bytes = Get-Entry $symbols "lib/net8.0/$name.pdb"
            $provider = [System.Reflection.Metadata.MetadataReaderProvider]::FromPortablePdbStream([System.IO.MemoryStream]::new($bytes))
            $reader = $provider.GetMetadataReader()
            $documents = foreach ($handle in $reader.Documents) {
                $reader.GetString($reader.GetDocument($handle).Name)
            }

            $documents.Count | Should -BeGreaterThan 5
            $documents | Should -Match '^/_/src/Amp\.Sdk'
            $link = Get-SourceLink $bytes
            # Of a clone of a folder, say, nobody could fetch the sources.
            if ($remote -match '^(https://|git@)github\.com\b') {
                $link | Should -BeLike "*$commit*"
            } elseif ($remote -notmatch '://|@') {
                $link | Should -BeNullOrEmpty
            }
        }
    }
}

Describe 'The package <Name>' -ForEach @(
    @{ Name = 'Amp.Sdk.Extensions.AI'; Needs = 'Amp.Sdk', 'Microsoft.Extensions.AI.Abstractions' }
    @{ Name = 'Amp.Sdk.Agents.AI'; Needs = 'Amp.Sdk.Extensions.AI', 'Microsoft.Agents.AI.Abstractions' }
    @{
        Name = 'Amp.Sdk.Extensions.Hosting'
        Needs = 'Amp.Sdk', 'Microsoft.Extensions.Diagnostics.HealthChecks', 'Microsoft.Extensions.Logging.Abstractions', 'Microsoft.Extensions.Options.ConfigurationExtensions'
    }
) {
    BeforeAll {
        $package = Join-Path $feed "$Name.$version.nupkg"
        $names = { [System.IO.Compression.ZipFile]::OpenRead($args[0]).Entries.FullName | Where-Object { $_ -notmatch '^(_rels|package)/|^\[|\.nuspec$' } | Sort-Object }
    }

    It 'holds the assembly and its documentation, nothing of others, and its symbols' {
        & $names $package | Should -Be 'icon.png', "lib/net8.0/$Name.dll", "lib/net8.0/$Name.xml", 'README.md'
        & $names (Join-Path $feed "$Name.$version.snupkg") | Should -Be "lib/net8.0/$Name.pdb"
    }

    It 'depends on the library of its own version and on the abstractions' {
        $metadata = ([xml] [System.Text.Encoding]::UTF8.GetString((Get-Entry $package "$Name.nuspec")).Trim([char] 0xFEFF)).package.metadata
        $metadata.version | Should -Be $version
        $metadata.license.InnerText | Should -Be 'MIT'
        $metadata.readme, $metadata.icon | Should -Be 'README.md', 'icon.png'
        $metadata.dependencies.group.targetFramework | Should -Be 'net8.0'
        $dependencies = $metadata.dependencies.group.dependency | Sort-Object id
        $dependencies.id | Should -Be $Needs
        $dependencies[0].version | Should -Be $version
    }

    It 'is not part of the module' {
        Get-ChildItem (Split-Path $layout.Module) -Recurse -Filter "$Name*" | Should -BeNullOrEmpty
    }
}

Describe 'Source link' -Skip:(-not (Get-Command git -ErrorAction Ignore)) {
    It 'names the remote and the commit, and no password' {
        $clone = Join-Path $TestDrive 'clone'
        $null = New-Item -ItemType Directory (Join-Path $clone 'src')
        Get-ChildItem -File $layout.Root -Include 'Directory.*', 'Amp.psd1', 'CHANGELOG.md', '.editorconfig', 'global.json' -Recurse -Depth 0 -Force | Copy-Item -Destination $clone
        $source = Join-Path $layout.Root 'src/Amp.Sdk.ToolServer'
        $project = Join-Path $clone 'src/Amp.Sdk.ToolServer'
        $null = New-Item -ItemType Directory $project
        Get-ChildItem $source -File | Copy-Item -Destination $project
        & {
            git -C $clone init --quiet
            git -C $clone add .
            git -C $clone -c user.name=Test -c user.email=test@example.com -c commit.gpgsign=false commit --quiet --message Copy
            git -C $clone remote add origin https://user:hidden-word@github.com/example/amp-for-powershell.git
        } 2>&1 | Out-Null
        $commit = & git -C $clone rev-parse HEAD
        $null = Invoke-Dotnet 'build', $project, '--configuration', 'Release', '--verbosity', 'quiet', '-nologo', '-p:UseSharedCompilation=false', '-nodeReuse:false'

        $link = Get-SourceLink ([System.IO.File]::ReadAllBytes((Join-Path $project 'bin/Release/net8.0/Amp.Sdk.ToolServer.pdb')))
        $link | Should -BeLike "*https://raw.githubusercontent.com/example/amp-for-powershell/$commit/*"
        Get-ChildItem $clone -Recurse -File | Where-Object FullName -NotMatch '[\\/]\.git[\\/]' | Select-String -SimpleMatch 'hidden-word' | Should -BeNullOrEmpty
    }
}

Describe "A new program with the packages$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $program = Join-Path $TestDrive 'program'
        $cache = Join-Path $TestDrive 'cache'
        Save-Project $program $cache
        $built = Invoke-Dotnet 'build', $program, '--verbosity', 'quiet', '-nologo', '-p:UseSharedCompilation=false', '-nodeReuse:false'

        $place = Open-AmpTestPlace
        Set-Content (Join-Path $place.Project 'README.md') '# A small project'
        Set-Content (Join-Path $place.Project 'backup.ps1') 'Get-ChildItem /srv'
        $rule = { param($prompt, $step, $answer) @{ when = @{ prompt = $prompt; step = $step }; answer = @{ blocks = @($answer) } } }
        $call = { param($name, $tool) @{ tool = $name; input = $tool } }
        $service = Open-AmpLocalService $place @{ rules = @(
                & $rule 'Which files' 0 'I will look.', (& $call Bash @{ cmd = 'ls' })
                & $rule 'Which files' 1 'A README and a script for backups.'
                & $rule 'What does this project' 0 'It backs up /srv.'
                & $rule 'Say hello' 0 'Hello.'
                & $rule 'Delete the old' 0 (& $call Bash @{ cmd = 'git branch -D old' })
                & $rule 'Delete the old' 1 'I may not.'
                & $rule 'Tidy up' 0 (& $call Bash @{ cmd = 'rm old.log' })
                & $rule 'Tidy up' 1 (& $call Bash @{ cmd = 'mkdir -p .trash' })
                & $rule 'Tidy up' 2 'Done.'
                & $rule 'How many bolts' 0 (& $call mcp__sdk__stock @{ part = 'bolts' })
                @{ when = @{ prompt = 'How many bolts'; toolResult = 'bolts: (?<count>\d+)' }; answer = 'There are ${count}.' }
                & $rule 'Plan the migration' 0 'First a backup, then the move.'
                & $rule 'name its risks' 0 'The backup may be old.'
                & $rule 'ask you first' 0 'You asked: ${firstPrompt}.'
                & $rule 'Push it' 0 (& $call Bash @{ cmd = 'git push' })
                & $rule 'List the volumes' 0 (& $call mcp__amp_output__submit @{ value = @([ordered] @{ Name = 'root'; FreeBytes = 1000 }, [ordered] @{ Name = 'data'; FreeBytes = 2000 }) })
                & $rule 'List the volumes' 1 'There are two.'
                & $rule 'Write the notes' 0 'They are written.'
                & $rule 'notes.txt is missing' 0 (& $call Bash @{ cmd = 'echo notes > notes.txt' })
                & $rule 'notes.txt is missing' 1 'Now they are.'
                & $rule 'Wait for the build' 0 (& $call Bash @{ cmd = 'sleep 60' })
            )
        }
        $start = [System.Diagnostics.ProcessStartInfo]::new('dotnet')
        $start.ArgumentList.Add((Get-ChildItem (Join-Path $program 'bin') -Recurse -Filter Clean.dll)[0].FullName)
        $start.WorkingDirectory = $place.Project
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $environment = (Get-AmpLocalCall $place $service).Environment
        $environment.AMP_CLI_PATH = $layout.MarchCli
        foreach ($name in $environment.Keys) {
            $start.Environment[$name] = $environment[$name]
        }

        $process = [System.Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        $errors = $process.StandardError.ReadToEndAsync()
        $written = $process.StandardOutput.ReadToEnd().ReplaceLineEndings("`n")
        $process.WaitForExit()
        $errors = $errors.GetAwaiter().GetResult()
        # What differs from run to run.
        $written = $written -replace 'T-[0-9a-f]{8}-[0-9a-f-]{27}', 'T-...'
        $outputs = @($written -split '(?m)^### \d+\n' | Select-Object -Skip 1)
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'builds without a warning, from these packages alone' {
        $built | Should -Match '0 Warning\(s\)'
        $kept = Join-Path $cache "amp.sdk/$version"
        (Get-FileHash (Join-Path $kept 'lib/net8.0/Amp.Sdk.dll')).Hash | Should -Be (Get-FileHash (Join-Path $layout.Root "src/Amp.Sdk/bin/$configuration/net8.0/Amp.Sdk.dll")).Hash
        Join-Path $kept 'lib/net8.0/Amp.Sdk.xml' | Should -Exist
    }

    It 'runs to its end' {
        $errors | Should -BeNullOrEmpty
        $process.ExitCode | Should -Be 0
        $outputs.Count | Should -Be ($snippets.Count + 4)
    }

    It 'writes what the page says: <Heading>' -ForEach $snippets {
        $index = [array]::FindIndex([string[]] $snippets.ForEach{ $_.Groups['heading'].Value }, [Predicate[string]] { $args[0] -eq $Heading })
        $outputs[$index] | Should -BeExactly $snippets[$index].Groups['output'].Value
        $snippets[$index].Groups['output'].Value | Should -Not -BeNullOrEmpty
    }

    It 'writes what the READMEs of the packages are about' {
        $outputs[-4] | Should -Be "I will look.`nA README and a script for backups.`nIt backs up /srv.`n"
        $outputs[-3] | Should -Be "It backs up /srv.`n"
        $outputs[-2] | Should -Be "It backs up /srv.`n"
        # A host logs to the console.
        $outputs[-1] | Should -Match '(?m)^It backs up /srv\.$'
        $outputs[-1] | Should -Match 'Amp\.AgentClient\[10\]'
    }
}
