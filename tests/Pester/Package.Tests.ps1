#Requires -Version 7.4

BeforeDiscovery {
    $gallery = Get-Command Save-PSResource, Install-PSResource, Publish-PSResource -ErrorAction Ignore
    $noClient = @($gallery).Count -eq 3 ? '' : ' (not run: Microsoft.PowerShell.PSResourceGet is not installed; the package is unpacked as it does)'
    if ($noClient) {
        Write-Warning 'Microsoft.PowerShell.PSResourceGet is not installed: the module''s package is unpacked by hand.'
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    $configuration = $env:AMP_TEST_CONFIGURATION ? $env:AMP_TEST_CONFIGURATION : 'Release'
    $folder = Split-Path $layout.Module
    $manifest = Import-PowerShellDataFile -LiteralPath $layout.Module
    $feed = Join-Path $TestDrive 'feed'
    & (Join-Path $layout.Root 'tools/Build-Package.ps1') -Path $feed -Configuration $configuration
    $packageFile = Join-Path $feed "Amp.$($manifest.ModuleVersion).nupkg"

    function Expand-Package([string] $Package, [string] $Destination) {
        [System.IO.Compression.ZipFile]::ExtractToDirectory($Package, $Destination)
    }

    # What the gallery's client leaves out when it installs: the package's own papers.
    function Get-PackagedFile([string] $Path) {
        Get-ChildItem -LiteralPath $Path -Recurse -File | ForEach-Object { [System.IO.Path]::GetRelativePath($Path, $_.FullName).Replace('\', '/') } |
            Where-Object { $_ -notmatch '^(_rels|package)/|^\[Content_Types\]\.xml$|^[^/]+\.nuspec$' } | Sort-Object -CaseSensitive
    }

    # A folder with PowerShell's modules for one shell alone: the machine's own, and those of this test.
    function Invoke-CleanShell([string] $ModulePath, [string] $Script, [hashtable] $Call) {
        $place = Open-AmpTestPlace
        try {
            $files = Join-Path $TestDrive "shell-$([guid]::NewGuid().ToString('N'))"
            $lines = @("`$ErrorActionPreference = 'Stop'", "`$env:PSModulePath = '$ModulePath', (Join-Path `$PSHOME Modules) -join [System.IO.Path]::PathSeparator")
            if ($Call) {
                $fake = Get-AmpFakeCall $place $Call.Step
                $fake | Export-Clixml -LiteralPath "$files.xml"
                $lines += "`$call = Import-Clixml -LiteralPath '$files.xml'"
            }

            Set-Content -LiteralPath "$files.ps1" -Value ($lines + $Script)
            $start = [System.Diagnostics.ProcessStartInfo]::new($layout.PowerShell)
            '-NoProfile', '-NonInteractive', '-File', "$files.ps1" | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.WorkingDirectory = $place.Project
            $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            $own = @{
                HOME = $place.UserHome; USERPROFILE = $place.UserHome; XDG_CACHE_HOME = $null; XDG_CONFIG_HOME = $null; XDG_DATA_HOME = $null
                NUGET_SCRATCH = Join-Path $TestDrive 'scratch'; NO_COLOR = '1'
            }
            foreach ($name in $own.Keys) {
                $start.Environment[$name] = $own[$name]
            }

            $process = [System.Diagnostics.Process]::Start($start)
            $process.StandardInput.Close()
            $errors = $process.StandardError.ReadToEndAsync()
            $output = $process.StandardOutput.ReadToEnd()
            $process.WaitForExit()
            $errors.GetAwaiter().GetResult() | Should -BeNullOrEmpty
            $process.ExitCode | Should -Be 0 -Because $output
            $output
        } finally {
            Close-AmpTestPlace $place
        }
    }
}

Describe 'The package of the module' {
    BeforeAll {
        $unpacked = Join-Path $TestDrive 'unpacked'
        Expand-Package $packageFile $unpacked
        $metadata = ([xml] (Get-Content -Raw -LiteralPath (Join-Path $unpacked 'Amp.nuspec'))).package.metadata
    }

    It 'holds what out/Amp holds, byte for byte, and nothing else' {
        $files = Get-PackagedFile $unpacked
        $files | Should -Be (Get-PackagedFile $folder)
        $files.Count | Should -BeGreaterThan 15
        $files | Where-Object { (Get-FileHash (Join-Path $unpacked $_)).Hash -ne (Get-FileHash (Join-Path $folder $_)).Hash } | Should -BeNullOrEmpty
        if ($configuration -eq 'Release') {
            $files | Should -Not -Match '\.pdb$'
        }
    }

    It 'says of itself what the manifest says' {
        $data = $manifest.PrivateData.PSData
        $metadata.id | Should -Be 'Amp'
        $metadata.version | Should -Be $manifest.ModuleVersion
        $metadata.authors | Should -Be $manifest.Author
        $metadata.description | Should -Be $manifest.Description
        $metadata.copyright | Should -Be $manifest.Copyright
        $metadata.licenseUrl | Should -Be $data.LicenseUri
        $metadata.projectUrl | Should -Be $data.ProjectUri
        $metadata.iconUrl | Should -Be $data.IconUri
        $metadata.releaseNotes.ReplaceLineEndings() | Should -Be $data.ReleaseNotes.ReplaceLineEndings()
        $data.ReleaseNotes | Should -Not -BeNullOrEmpty

        # The galleries' limits.
        $metadata.releaseNotes.Length | Should -BeLessThan 35000
        $metadata.tags.Length | Should -BeLessThan 4000
    }

    It 'can be found by every cmdlet' {
        $tags = $metadata.tags -split ' '
        $tags | Should -Be ($tags | Select-Object -Unique)
        $expected = @($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })
        $tags | Where-Object { $_ -match '^PS(Cmdlet|Command)_' } | Sort-Object | Should -Be ($expected | Sort-Object)
        'PSModule', 'PSEdition_Core', 'PSIncludes_Cmdlet', 'Windows', 'Linux', 'MacOS' | Should -BeIn $tags
    }

    It 'has the license of everything in it' {
        $notices = Get-Content -Raw -LiteralPath (Join-Path $unpacked 'THIRD-PARTY-NOTICES.txt')
        Get-ChildItem (Join-Path $unpacked 'dependencies/*.dll') | Where-Object BaseName -NotLike 'Amp.*' |
            Where-Object { $notices -notmatch "(?m)^$([regex]::Escape($_.BaseName)) +\S.*(MIT|Apache-2\.0)$" } | Should -BeNullOrEmpty
    }

    It 'takes its number from the manifest, with what marks a preview' {
        $preview = Join-Path $TestDrive 'preview/Amp'
        $null = New-Item -ItemType Directory (Split-Path $preview)
        Copy-Item -Recurse $folder $preview
        $file = Join-Path $preview 'Amp.psd1'
        (Get-Content -Raw $file) -replace "ModuleVersion( +)= '[^']+'", "ModuleVersion`$1= '7.8.9'" -replace 'PSData = @\{', "`$0`n            Prerelease = 'preview1'" |
            Set-Content $file
        & (Join-Path $layout.Root 'tools/Build-Package.ps1') -Path (Join-Path $TestDrive 'again') -ModulePath $preview -Configuration $configuration
        Join-Path $TestDrive 'again/Amp.7.8.9-preview1.nupkg' | Should -Exist
    }

    It 'is the same to the byte when it is made again, and so is the library''s' {
        # Of the same commit; the step before has packed the library a second time.
        $targets = Join-Path (Split-Path (& dotnet --list-sdks | Select-Object -Last 1 | ForEach-Object { $_ -replace '^(\S+) \[(.+)\]$', '$2/$1/x' })) 'NuGet.Build.Tasks.Pack.targets'
        if ((Get-Content -Raw $targets -ErrorAction Ignore) -notmatch 'SOURCE_DATE_EPOCH') {
            Set-ItResult -Skipped -Because 'this .NET SDK writes the time of packing into packages (10.0.400 and later take that of the commit)'
        }

        foreach ($file in Get-ChildItem (Join-Path $TestDrive 'again') -Filter 'Amp.Sdk.*') {
            (Get-FileHash $file).Hash | Should -Be (Get-FileHash (Join-Path $feed $file.Name)).Hash -Because $file.Name
        }
    }
}

Describe 'The release notes' {
    BeforeAll {
        # As the projects evaluate them, of another changelog.
        function Get-ReleaseNote([string] $Changelog) {
            $place = Join-Path $TestDrive "notes-$([guid]::NewGuid().ToString('N'))"
            $null = New-Item -ItemType Directory $place
            Copy-Item -LiteralPath (Join-Path $layout.Root 'Directory.Build.props') $place
            Set-Content -LiteralPath (Join-Path $place 'Amp.psd1') -Value "@{ ModuleVersion = '1.2.3' }"
            Set-Content -LiteralPath (Join-Path $place 'CHANGELOG.md') -Value $Changelog
            Set-Content -LiteralPath (Join-Path $place 'notes.proj') -Value '<Project><Import Project="Directory.Build.props" /></Project>'
            (& dotnet msbuild (Join-Path $place 'notes.proj') -nologo -getProperty:ReleaseNotes) -join "`n"
        }
    }

    It 'are the section of the version, and Unreleased where it has none' {
        $later = "# Changelog`n`n## [Unreleased]`n`n- of later`n`n"
        $older = "## [1.2.2] - 2026-01-01`n`n- of before`n"
        Get-ReleaseNote "$later## [1.2.3] - 2026-02-01`n`n- of this version`n`n$older" | Should -Be '- of this version'
        Get-ReleaseNote "# Changelog`n`n## [Unreleased]`n`n## [1.2.3] - 2026-02-01`n`n- of this version`n`n$older" | Should -Be '- of this version'
        Get-ReleaseNote "$later$older" | Should -Be '- of later'
    }

    It 'end at a line end before the limit of the galleries, and then refer to the changelog' {
        $entries = 1..2000 | ForEach-Object { "- entry $_ of many (one; two)" }
        $notes = Get-ReleaseNote "## [1.2.3]`n`n$($entries -join "`n")`n"
        $notes.Length | Should -BeGreaterThan 30000
        $notes.Length | Should -BeLessThan 35000
        $lines = $notes -split "`n"
        $lines[-1] | Should -Match 'changelog'
        $kept = $lines[0..($lines.Count - 3)]
        $kept | Should -Be $entries[0..($kept.Count - 1)]
    }
}

Describe 'A module that was installed from its package' {
    BeforeAll {
        $modules = Join-Path $TestDrive 'modules'
        $installed = Join-Path $modules 'Amp' $manifest.ModuleVersion
        if (Get-Command Save-PSResource -ErrorAction Ignore) {
            $null = New-Item -ItemType Directory $modules
            Register-PSResourceRepository -Name AmpTestFeed -Uri $feed -Trusted -Force
            try {
                Save-PSResource Amp -Repository AmpTestFeed -Path $modules
            } finally {
                Unregister-PSResourceRepository AmpTestFeed
            }
        } else {
            Expand-Package $packageFile "$installed.unpacked"
            foreach ($file in Get-PackagedFile "$installed.unpacked") {
                $null = New-Item -ItemType Directory -Force (Split-Path (Join-Path $installed $file))
                Move-Item -LiteralPath (Join-Path "$installed.unpacked" $file) (Join-Path $installed $file)
            }

            Remove-Item -Recurse -Force "$installed.unpacked"
        }

        # For all users: nobody may write there, and nothing does.
        $state = { Get-ChildItem $modules -Recurse -Force | ForEach-Object { "$($_.FullName) $($_.Length) $($_.LastWriteTimeUtc.Ticks)" } }
        if (-not $IsWindows) {
            & chmod -R a-w $modules
        }

        $before = & $state
        $shell = Invoke-CleanShell $modules -Call @{ Step = 'init', 'assistant Installed and at work.', 'result Done.' } -Script @'
            Import-Module Amp
            $null = Invoke-AmpAgent 'Are you there?' @call -OutVariable run
            [ordered]@{
                Path = (Get-Module Amp).ModuleBase
                Commands = @((Get-Command -Module Amp).Name)
                Synopsis = (Get-Help Invoke-AmpAgent).Synopsis
                Page = (Get-Help about_Amp | Out-String).Trim()
                Types = @($run | ForEach-Object { $_.GetType().Name })
                Text = $run.Where{ $_ -is [Amp.AssistantMessage] }.Text
                View = ($run | Out-String)
                Tool = (New-AmpTool Clock { Get-Date } -Description 'The time').Name
            } | ConvertTo-Json
'@
        $found = $shell | ConvertFrom-Json
        $after = & $state
    }

    AfterAll {
        if (-not $IsWindows -and (Test-Path $modules)) {
            & chmod -R u+w $modules
        }
    }

    It 'is found by its name' {
        $found.Path | Should -Be $installed
        $found.Commands | Sort-Object | Should -Be ($manifest.CmdletsToExport | Sort-Object)
    }

    It 'has its help' {
        $found.Synopsis | Should -BeLike '*agent*'
        $found.Page | Should -BeLike '*about_Amp*'
    }

    It 'runs the agent and shows its messages' {
        $found.Types | Should -Be 'SystemMessage', 'AssistantMessage', 'ResultMessage'
        $found.Text | Should -Be 'Installed and at work.'
        $found.View | Should -BeLike '*Installed and at work.*Done in*'
        $found.Tool | Should -Be 'Clock'
    }

    It 'writes nothing where it lies' {
        $after | Should -Be $before
    }

    Context 'beside another version' {
        BeforeAll {
            $both = Join-Path $TestDrive 'both'
            $null = New-Item -ItemType Directory (Join-Path $both 'Amp')
            $older = $manifest.ModuleVersion
            foreach ($version in $older, '99.0.0') {
                $target = Join-Path $both 'Amp' $version
                Copy-Item -Recurse $folder $target
                $file = Join-Path $target 'Amp.psd1'
                (Get-Content -Raw $file) -replace "ModuleVersion( +)= '[^']+'", "ModuleVersion`$1= '$version'" | Set-Content $file
            }

            # What makes its assembly another one: the major number, behind the four bytes of the hash's kind in the table's only row.
            $bytes = [System.IO.File]::ReadAllBytes((Join-Path $target 'Amp.PowerShell.dll'))
            $image = [System.Reflection.PortableExecutable.PEReader]::new([System.IO.MemoryStream]::new($bytes))
            $reader = [System.Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($image)
            $row = [System.Reflection.Metadata.Ecma335.MetadataReaderExtensions]::GetTableMetadataOffset($reader, 'Assembly')
            $bytes[$image.PEHeaders.MetadataStartOffset + $row + 4] = 99
            $image.Dispose()
            [System.IO.File]::WriteAllBytes((Join-Path $target 'Amp.PowerShell.dll'), $bytes)
        }

        It 'is loaded by its number, and the newest without one' {
            $told = Invoke-CleanShell $both -Script @"
                Import-Module Amp -RequiredVersion $older
                (Get-Command New-AmpPermission).ImplementingType.Assembly.GetName().Version.Major
                (New-AmpPermission Read Allow).Tool
"@
            -split $told | Should -Be ([version] $older).Major, 'Read'
            $told = Invoke-CleanShell $both -Script @"
                (New-AmpPermission Read Allow).Tool
                (Get-Command New-AmpPermission).ImplementingType.Assembly.GetName().Version.Major
                (Get-Module Amp).Version.ToString()
"@
            -split $told | Should -Be 'Read', '99', '99.0.0'
        }

        It 'keeps to one version in a session; the other one is an error that leaves the first at work' {
            $told = Invoke-CleanShell $both -Script @"
                Import-Module Amp -RequiredVersion $older
                try { Import-Module Amp -RequiredVersion 99.0.0; 'loaded' } catch { 'refused' }
                (New-AmpPermission Bash Allow).Tool
                (Get-Command New-AmpPermission).Version.ToString()
"@
            -split $told | Should -Be 'refused', 'Bash', $older
        }
    }
}

Describe "A gallery's client$noClient" -Skip:([bool] $noClient) {
    It 'finds, publishes, installs and updates the module' {
        $clients = Split-Path (Split-Path (Split-Path (Get-Module -ListAvailable Microsoft.PowerShell.PSResourceGet | Select-Object -First 1).Path))
        $source = Join-Path $TestDrive 'source/Amp'
        $published = Join-Path $TestDrive 'published'
        $null = New-Item -ItemType Directory (Split-Path $source), $published
        Copy-Item -Recurse $folder $source
        $told = Invoke-CleanShell $clients -Script @"
            Register-PSResourceRepository -Name Made -Uri '$feed' -Trusted
            Register-PSResourceRepository -Name Published -Uri '$published' -Trusted
            (Find-PSResource Amp -Repository Made).Includes.Cmdlet -contains "Invoke-AmpAgent"
            Publish-PSResource -Path '$source' -Repository Published -SkipDependenciesCheck
            Install-PSResource Amp -Repository Published -Scope CurrentUser
            (Get-InstalledPSResource Amp).Version.ToString()
            (Get-InstalledPSResource Amp).ReleaseNotes.Length -gt 0
            `$data = (Get-Content -Raw '$source/Amp.psd1') -replace "ModuleVersion( +)= '[^']+'", "ModuleVersion```$1= '99.0.0'"
            Set-Content '$source/Amp.psd1' `$data
            Publish-PSResource -Path '$source' -Repository Published -SkipDependenciesCheck
            Update-PSResource Amp -Repository Published -Scope CurrentUser
            Get-InstalledPSResource Amp | ForEach-Object { `$_.Version.ToString() } | Sort-Object
            Uninstall-PSResource Amp -Version 99.0.0 -Scope CurrentUser
            (Get-InstalledPSResource Amp).Version.ToString()
"@
        -split $told | Should -Be 'True', $manifest.ModuleVersion, 'True', $manifest.ModuleVersion, '99.0.0', $manifest.ModuleVersion
    }
}
