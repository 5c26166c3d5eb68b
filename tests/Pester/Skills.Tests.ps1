#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $builds = @(
        @{ Build = '2026-01-08'; Need = 'JanuaryCli'; ListsGlobal = $false; NamesBroken = $false }
        @{ Build = '2026-03-24'; Need = 'MarchCli'; ListsGlobal = $true; NamesBroken = $true }
        @{ Build = '2026-09-23'; Need = 'NativeCli'; ListsGlobal = $true; NamesBroken = $true }
    )
    $builds | ForEach-Object { $_.Missing = Get-AmpTestGap $_.Need }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'The skills of the CLI of <Build><Missing>' -ForEach $builds {
    BeforeAll {
        $place = Open-AmpTestPlace
        # These commands want a key though they ask nobody: no service is there.
        $environment = $place.Environment + @{}
        $environment.AMP_API_KEY = 'local-key-0123456789'
        $environment.AMP_URL = 'http://127.0.0.1:1'
        $call = @{ CliPath = (Get-AmpTestLayout).$Need; WorkingDirectory = $place.Project; Environment = $environment }
        $source = Join-Path $place.Root 'skills of mine'
        foreach ($name in 'greet', 'part') {
            $null = New-Item -ItemType Directory (Join-Path $source $name)
            Set-Content -LiteralPath (Join-Path $source "$name/SKILL.md") -Value "---`nname: $name`ndescription: To $name someone`n---`nDo it."
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are installed, listed and removed' -Skip:([bool] $Missing) {
        $installed = Get-ChildItem -LiteralPath $source -Directory | Install-AmpSkill @call

        $installed | Should -BeOfType [Amp.AmpSkill]
        $installed.Name | Should -Be 'greet', 'part'
        Join-Path $installed[0].Path 'SKILL.md' | Should -Exist
        $installed[0].Target | Should -Be (Join-Path $place.Project '.agents/skills')
        $listed = Get-AmpSkill greet, 'par*' @call
        $listed.Path | Should -Be $installed.Path
        $listed[0].Description | Should -Be 'To greet someone'
        $listed.IsBuiltIn | Should -Not -Contain $true
        (Get-AmpSkill @call | Where-Object IsBuiltIn).Count | Should -BeGreaterThan 0

        $listed | Uninstall-AmpSkill @call -Confirm:$false
        $installed.Path | Should -Not -Exist
        Get-AmpSkill greet @call -ErrorAction SilentlyContinue -ErrorVariable errors | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.GetAmpSkillCommand'
    }

    It 'go under another name to all projects, and from there' -Skip:([bool] $Missing) {
        $installed = Install-AmpSkill -LiteralPath (Join-Path $source 'greet') -Name welcome -Global @call

        $installed.Path | Should -BeLike "$($place.UserHome)*welcome"
        Join-Path $installed.Path 'SKILL.md' | Should -Exist
        if ($ListsGlobal) {
            Get-AmpSkill welcome @call -ErrorAction Ignore | Uninstall-AmpSkill @call -Confirm:$false
            # The native CLI of September 2026 and that of March name it by its folder; its own name is the other.
            $installed | Where-Object { Test-Path -LiteralPath $_.Path } | Uninstall-AmpSkill @call -Confirm:$false
        } else {
            $installed | Uninstall-AmpSkill @call -Confirm:$false
        }

        $installed.Path | Should -Not -Exist
    }

    if ($Need -eq 'MarchCli') {
        It 'that are there stay, unless -Force is given' -Skip:([bool] $Missing) {
            $target = Join-Path $place.Root 'target'
            $first = Install-AmpSkill -LiteralPath $source -Target $target @call
            $first.Name | Sort-Object | Should -Be 'greet', 'part'
            Set-Content -LiteralPath (Join-Path $first[0].Path 'SKILL.md') -Value 'mine'

            Install-AmpSkill -LiteralPath $source -Target $target @call -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors | Should -Not -BeNullOrEmpty
            $errors[0].FullyQualifiedErrorId | Should -Be 'CliFailed,Amp.PowerShell.Commands.InstallAmpSkillCommand'
            Get-Content -LiteralPath (Join-Path $first[0].Path 'SKILL.md') | Should -Be 'mine'
            Install-AmpSkill -LiteralPath $source -Target $target -Force @call | Should -HaveCount 2
            Get-Content -Raw -LiteralPath (Join-Path $first[0].Path 'SKILL.md') | Should -BeLike '*Do it.*'
            'greet', 'part' | Uninstall-AmpSkill -Target $target @call -Confirm:$false
            Get-ChildItem -LiteralPath $target | Should -BeNullOrEmpty
        }
    }

    if ($Need -eq 'MarchCli') {
        It 'of a folder without any are an error' -Skip:([bool] $Missing) {
            { Install-AmpSkill -LiteralPath $place.Log @call -ErrorAction Stop } | Should -Throw '*No SKILL.md*' -ErrorId 'CliFailed,*'
        }
    }

    if ($NamesBroken) {
        It 'that cannot be read are a warning' -Skip:([bool] $Missing) {
            $broken = Join-Path $place.Project '.agents/skills/broken'
            $null = New-Item -ItemType Directory $broken -Force
            Set-Content -LiteralPath (Join-Path $broken 'SKILL.md') -Value "---`nfoo: [`n---"
            $null = Get-AmpSkill @call -WarningVariable warnings -WarningAction SilentlyContinue
            Remove-Item -LiteralPath $broken -Recurse

            $warnings | Should -HaveCount 1
            $warnings[0].Message | Should -BeLike '*broken*SKILL.md*'
        }
    }

    if ($Need -eq 'MarchCli') {
        It 'that are not there cannot be removed' -Skip:([bool] $Missing) {
            { Uninstall-AmpSkill nothing @call -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,*'
        }
    }
}

Describe 'Skills' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $fake = Get-AmpFakeCall $place
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'are not installed or removed with -WhatIf' {
        Install-AmpSkill owner/repository @fake -WhatIf
        Uninstall-AmpSkill greet @fake -WhatIf
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'are not removed where nobody can be asked' {
        $shell = Invoke-AmpTestShell $place 'Uninstall-AmpSkill greet @call' -Call $fake
        $shell.Error | Should -Not -BeNullOrEmpty -Because 'a shell that is not interactive cannot ask'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'are never removed by a path: <_>' -ForEach '..', '.', '../x', 'a/b', 'a\b', '@../x', '@a/..', '-x', ' ', '/etc' {
        { Uninstall-AmpSkill $_ @fake -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,*'
        { Install-AmpSkill owner/repository -Name $_ @fake -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'are not fetched with a password among the arguments' {
        $url = 'https://me:canary-password@example.com/skills.git'
        $said = try {
            Install-AmpSkill $url @fake -ErrorAction Stop -Verbose -WhatIf *>&1
        } catch {
            $_.FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
            $_ | Out-String
        }

        "$said" | Should -BeLike '*example.com*'
        "$said" | Should -Not -BeLike '*canary*'
        { Install-AmpSkill -LiteralPath (Join-Path $place.Root 'nothing') @fake -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'that the CLI tells in unknown words are an error that shows them' {
        $unknown = Get-AmpFakeCall $place 'raw Installing skills from x...\n✓ Installed a\nsomething new\n'
        { Install-AmpSkill owner/repository @unknown -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidStreamJson,*'
    }

    It 'are installed and removed after an object that cannot be used' {
        $several = (New-Item -ItemType Directory (Join-Path $place.Root 'several')).FullName
        'a', 'z' | ForEach-Object { $null = New-Item -ItemType Directory (Join-Path $several $_) }
        Set-Content -LiteralPath (Join-Path $several 'm.md') -Value 'x'
        $adding = Get-AmpFakeCall $place 'raw Installing skills from x...\n✓ Installed one\n→ /there/one\n'
        $installed = Get-ChildItem -LiteralPath $several | Sort-Object Name | Install-AmpSkill @adding -ErrorVariable errors -ErrorAction SilentlyContinue

        $installed | Should -HaveCount 2
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.InstallAmpSkillCommand'
        $errors.TargetObject | Should -Be (Join-Path $several 'm.md')

        $removing = Get-AmpFakeCall $place 'raw ✓ Removed b\n'
        [pscustomobject]@{ Name = 'a'; Target = 'Env:PATH' }, [pscustomobject]@{ Name = 'b'; Target = $several } |
            Uninstall-AmpSkill @removing -Confirm:$false -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.UninstallAmpSkillCommand'
        @(Get-AmpFakeRecord $place | Where-Object { $_.arguments -contains 'b' }) | Should -HaveCount 1
    }
}
